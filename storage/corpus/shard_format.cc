#include "storage/corpus/shard_format.h"

#include "absl/strings/str_cat.h"

namespace harvest::corpus {

std::string_view format_name(ShardFormat format) {
  return format == ShardFormat::kJsonl ? "jsonl" : "jsonl.gz";
}

absl::StatusOr<ShardFormat> parse_format(std::string_view name) {
  for (ShardFormat format : {ShardFormat::kJsonl, ShardFormat::kJsonlGz})
    if (name == format_name(format)) return format;
  return absl::InvalidArgumentError(
      absl::StrCat("format \"", std::string(name), "\" is not available in this version; expected jsonl.gz or jsonl"));
}

absl::StatusOr<ShardFormat> format_of_path(std::string_view path) {
  if (path.ends_with(".jsonl")) return ShardFormat::kJsonl;
  if (path.ends_with(".jsonl.gz")) return ShardFormat::kJsonlGz;
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(path), " is no shard: expected a name ending in .jsonl.gz or .jsonl"));
}

}  // namespace harvest::corpus
