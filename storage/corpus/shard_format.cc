#include "storage/corpus/shard_format.h"

#include "absl/strings/str_cat.h"

namespace harvest::corpus {
namespace {

struct Named {
  ShardFormat format;
  std::string_view name, ending;
};
/// The one that is packed by default first.
constexpr Named kFormats[] = {{ShardFormat::kJsonlGz, "jsonl.gz", "jsonl.gz"},
                              {ShardFormat::kJsonlZst, "jsonl.zst", "jsonl.zst"},
                              {ShardFormat::kJsonl, "jsonl", "jsonl"},
                              {ShardFormat::kParquet, "parquet", "parquet"},
                              {ShardFormat::kWebdataset, "webdataset", "tar"}};

const Named& named(ShardFormat format) {
  for (const Named& one : kFormats)
    if (one.format == format) return one;
  return kFormats[0];
}

std::string all(std::string_view Named::*word, const char* before) {
  std::string list;
  for (const Named& one : kFormats)
    absl::StrAppend(&list,
                    list.empty()                     ? ""
                    : &one == std::end(kFormats) - 1 ? " or "
                                                     : ", ",
                    before, std::string(one.*word));
  return list;
}

}  // namespace

std::string_view format_name(ShardFormat format) {
  return named(format).name;
}

std::string_view format_ending(ShardFormat format) {
  return named(format).ending;
}

bool is_line_format(ShardFormat format) {
  return format != ShardFormat::kParquet;
}

absl::StatusOr<ShardFormat> parse_format(std::string_view name) {
  for (const Named& one : kFormats)
    if (name == one.name) return one.format;
  return absl::InvalidArgumentError(
      absl::StrCat("format: found \"", std::string(name), "\", expected ", all(&Named::name, "")));
}

absl::StatusOr<ShardFormat> format_of_path(std::string_view path) {
  for (const Named& one : kFormats)
    if (path.ends_with(one.ending) && path.substr(0, path.size() - one.ending.size()).ends_with('.')) return one.format;
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(path), " is no shard: expected a name ending in ", all(&Named::ending, ".")));
}

}  // namespace harvest::corpus
