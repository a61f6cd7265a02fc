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
};

/// "jsonl.gz"; also the ending of the file's name.
std::string_view format_name(ShardFormat format);
/// INVALID_ARGUMENT names the formats that there are.
absl::StatusOr<ShardFormat> parse_format(std::string_view name);
/// By the ending of a file's name; INVALID_ARGUMENT where it is none of ours.
absl::StatusOr<ShardFormat> format_of_path(std::string_view path);

}  // namespace harvest::corpus
