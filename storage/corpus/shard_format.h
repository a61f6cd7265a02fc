#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

/// How a shard's lines are packed. One place for the names that users give and that files bear.
namespace harvest::corpus {

enum class ShardFormat {
  kJsonl,     ///< "jsonl": plain lines, for readers that open() files themselves
  kJsonlGz,   ///< "jsonl.gz": one gzip member with time 0 and no name, so that equal lines are equal bytes
  kJsonlZst,  ///< "jsonl.zst": one zstd frame that names its size: readers exist that stop after one, or need the size
  kWebdataset,  ///< "webdataset", files .tar: a member RECORD-ID.json for each line
  kParquet,     ///< "parquet": zstd, typed and nested columns; made by DuckDB's library, which must be there
};

/// "jsonl.gz".
std::string_view format_name(ShardFormat format);
/// What follows the last dot-free part of the file's name: "jsonl.gz", "tar".
std::string_view format_ending(ShardFormat format);
/// Can rows be read from its files without anything that may not be installed?
bool is_line_format(ShardFormat format);
/// INVALID_ARGUMENT names the formats that there are.
absl::StatusOr<ShardFormat> parse_format(std::string_view name);
/// By the ending of a file's name; INVALID_ARGUMENT where it is none of ours.
absl::StatusOr<ShardFormat> format_of_path(std::string_view path);

}  // namespace harvest::corpus
