#include "storage/corpus/shard_format.h"

#include "absl/strings/str_cat.h"

namespace harvest::corpus {
namespace {

/// The one that is packed by default first.
constexpr ShardFormat kFormats[] = {ShardFormat::kJsonlGz, ShardFormat::kJsonlZst, ShardFormat::kJsonl};

}  // namespace

std::string_view format_name(ShardFormat format) {
  switch (format) {
    case ShardFormat::kJsonl:
      return "jsonl";
    case ShardFormat::kJsonlZst:
      return "jsonl.zst";
    case ShardFormat::kJsonlGz:
      break;
  }
  return "jsonl.gz";
}

absl::StatusOr<ShardFormat> parse_format(std::string_view name) {
  for (const ShardFormat format : kFormats)
    if (name == format_name(format)) return format;
  return absl::InvalidArgumentError(absl::StrCat(
      "format \"", std::string(name), "\" is not available in this version; expected jsonl.gz, jsonl.zst or jsonl"));
}

absl::StatusOr<ShardFormat> format_of_path(std::string_view path) {
  for (const ShardFormat format : kFormats) {
    const std::string_view name = format_name(format);
    if (path.ends_with(name) && path.substr(0, path.size() - name.size()).ends_with('.')) return format;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(path), " is no shard: expected a name ending in .jsonl.gz, .jsonl.zst or .jsonl"));
}

}  // namespace harvest::corpus
