// harvest-duckdb: README.md has its verbs. Exit codes as harvestctl's: 0 done, 2 a wrong statement or usage, 7 no
// library.
#include <sys/prctl.h>

#include <csignal>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/corpus/atomic_file.h"
#include "storage/corpus/manifest.h"
#include "storage/corpus/profile.h"
#include "storage/duckdb/duckdb_library.h"
#include "storage/duckdb/statements.h"

namespace {

namespace corpus = harvest::corpus;

constexpr size_t kManifestBytesMax = 256 << 20;
constexpr char kUsage[] =
    "usage: harvest-duckdb check | to-parquet IN OUT [PROFILE] | sql DIR QUERY [--json] | rows FILE\n";

int fail(const absl::Status& status) {
  std::cerr << status.message() << "\n";
  return absl::IsFailedPrecondition(status) ? 7 : 2;
}

/// The shards that the directory's manifest lists, as far as they were pulled: what lies beside them is of other
/// versions.
absl::StatusOr<std::vector<std::string>> shards_of(const std::string& directory) {
  const auto bytes = corpus::read_file(directory + "/manifest.json", kManifestBytesMax);
  if (!bytes.ok()) return bytes.status();
  const auto manifest = corpus::parse_manifest(*bytes);
  if (!manifest.ok()) return manifest.status();
  if (manifest->format() != "parquet")
    return absl::InvalidArgumentError(
        absl::StrCat(directory, ": found shards in ", manifest->format(), ", expected a view in parquet"));
  std::vector<std::string> files;
  for (const auto& shard : manifest->shards()) {
    std::string file = std::filesystem::absolute(directory + "/shards/" + shard.path()).lexically_normal().string();
    std::error_code error;
    if (std::filesystem::exists(file, error)) files.push_back(std::move(file));
  }
  if (files.empty()) return absl::InvalidArgumentError(absl::StrCat(directory, ": has no shard of its manifest"));
  return files;
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
  // Whoever asked for it is gone: so are we.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::string verb = words.empty() ? "" : words[0];
  if (verb == "check" && words.size() == 1) return run({"SELECT 1"});
  if (verb == "to-parquet" && (words.size() == 3 || words.size() == 4)) {
    const auto profile = corpus::parse_profile(words.size() == 4 ? words[3] : "");
    return profile.ok() ? run(harvest::duckdb::to_parquet(words[1], words[2], *profile)) : fail(profile.status());
  }
  if (verb == "rows" && words.size() == 2) {
    const std::string file = std::filesystem::absolute(words[1]).lexically_normal().string();
    return run(harvest::duckdb::rows_of(file));
  }
  const bool json = words.size() == 4 && words[3] == "--json";
  if (verb == "sql" && (words.size() == 3 || json)) {
    const auto files = shards_of(words[1]);
    return files.ok() ? run(harvest::duckdb::over_pairs(*files, words[2], json)) : fail(files.status());
  }
  std::cerr << kUsage;
  return 2;
}
