#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace harvest::duckdb {

/// A database in memory, by DuckDB's C interface, whose library is loaded when it is opened. One thread.
class DuckDb {
 public:
  /// FAILED_PRECONDITION: the library is not there, or is none.
  static absl::StatusOr<std::unique_ptr<DuckDb>> open();
  ~DuckDb();
  DuckDb(const DuckDb&) = delete;
  DuckDb& operator=(const DuckDb&) = delete;

  /// INVALID_ARGUMENT in DuckDB's own words.
  absl::Status run(const std::string& statement);

 private:
  struct Functions;
  explicit DuckDb(std::unique_ptr<Functions> functions);

  std::unique_ptr<Functions> functions_;
  void* database_ = nullptr;
  void* connection_ = nullptr;
};

}  // namespace harvest::duckdb
