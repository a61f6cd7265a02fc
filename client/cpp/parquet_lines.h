#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/cpp/byte_source.h"

namespace harvest::client {

/// The rows of a Parquet file as JSON lines, in its order, read by harvest-duckdb (storage/duckdb), which runs beside
/// this program and ends with this source. Errors come with the first read: FAILED_PRECONDITION where DuckDB's library
/// is absent, INVALID_ARGUMENT where the file is no Parquet. One owner, one thread.
absl::StatusOr<std::unique_ptr<ByteSource>> parquet_lines(const std::string& path);

}  // namespace harvest::client
