#include "storage/duckdb/duckdb_library.h"

#include <dlfcn.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace harvest::duckdb {
namespace {

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace

/// As duckdb.h declares them; 0 is success.
struct DuckDb::Functions {
  /// duckdb_result: 48 bytes of DuckDB's, with room for what a later version may add.
  struct alignas(16) Result {
    char bytes[128];
  };
  int (*open)(const char* path, void** database);
  int (*connect)(void* database, void** connection);
  int (*query)(void* connection, const char* statement, Result* result);
  const char* (*result_error)(Result* result);
  void (*destroy_result)(Result* result);
  void (*disconnect)(void** connection);
  void (*close)(void** database);

  bool load(void* library) {
    return find(library, "duckdb_open", open) && find(library, "duckdb_connect", connect) &&
           find(library, "duckdb_query", query) && find(library, "duckdb_result_error", result_error) &&
           find(library, "duckdb_destroy_result", destroy_result) && find(library, "duckdb_disconnect", disconnect) &&
           find(library, "duckdb_close", close);
  }
};

DuckDb::DuckDb(std::unique_ptr<Functions> functions) : functions_(std::move(functions)) {}

absl::StatusOr<std::unique_ptr<DuckDb>> DuckDb::open() {
  const char* given = std::getenv("HARVEST_DUCKDB_LIB");
  const std::string path = given == nullptr || *given == '\0' ? "libduckdb.so" : given;
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = dlerror();
    return absl::FailedPreconditionError(
        absl::StrCat("DuckDB's library is not there (", reason == nullptr ? path : std::string(reason),
                     "); install libduckdb.so, or set HARVEST_DUCKDB_LIB to its path"));
  }
  auto functions = std::make_unique<Functions>();
  if (!functions->load(library))
    return absl::FailedPreconditionError(absl::StrCat(path, " is not DuckDB's library: a function of its is missing"));
  std::unique_ptr<DuckDb> database(new DuckDb(std::move(functions)));
  if (database->functions_->open(nullptr, &database->database_) != 0 ||
      database->functions_->connect(database->database_, &database->connection_) != 0)
    return absl::FailedPreconditionError("DuckDB opens no database in memory");
  return database;
}

DuckDb::~DuckDb() {
  if (connection_ != nullptr) functions_->disconnect(&connection_);
  if (database_ != nullptr) functions_->close(&database_);
}

absl::Status DuckDb::run(const std::string& statement) {
  Functions::Result result{};
  absl::Status status;
  if (functions_->query(connection_, statement.c_str(), &result) != 0) {
    const char* words = functions_->result_error(&result);
    status = absl::InvalidArgumentError(words == nullptr ? "DuckDB gives no reason" : words);
  }
  functions_->destroy_result(&result);
  return status;
}

}  // namespace harvest::duckdb
