// harvest-duckdb: README.md has its verbs. Exit codes as harvestctl's: 0 done, 2 a wrong statement or usage, 7 no
// library.
#include <iostream>
#include <string>
#include <vector>

#include "storage/duckdb/duckdb_library.h"
#include "storage/duckdb/statements.h"

namespace {

constexpr char kUsage[] = "usage: harvest-duckdb check | to-parquet IN OUT | sql DIR QUERY [--json]\n";

int fail(const absl::Status& status) {
  std::cerr << status.message() << "\n";
  return absl::IsFailedPrecondition(status) ? 7 : 2;
}

int run(const std::vector<std::string>& statements) {
  const auto database = harvest::duckdb::DuckDb::open();
  if (!database.ok()) return fail(database.status());
  for (const std::string& statement : statements)
    if (const absl::Status status = (*database)->run(statement); !status.ok()) return fail(status);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::string verb = words.empty() ? "" : words[0];
  if (verb == "check" && words.size() == 1) return run({"SELECT 1"});
  if (verb == "to-parquet" && words.size() == 3) return run(harvest::duckdb::to_parquet(words[1], words[2]));
  const bool json = words.size() == 4 && words[3] == "--json";
  if (verb == "sql" && (words.size() == 3 || json)) return run(harvest::duckdb::over_pairs(words[1], words[2], json));
  std::cerr << kUsage;
  return 2;
}
