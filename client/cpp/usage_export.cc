#include "client/cpp/usage_export.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cpp/byte_source.h"
#include "client/cpp/usage_csv.h"
#include "client/cpp/usage_json.h"

namespace harvest::client {
namespace {

constexpr size_t kBytesMax = 64 << 20;

}  // namespace

void UsageExport::cover(int64_t day) {
  first_day = std::min(first_day.value_or(day), day);
  last_day = std::max(last_day.value_or(day), day);
}

void UsageExport::add(UsageExport other) {
  if (vendor.empty()) vendor = other.vendor;
  lines.insert(lines.end(), other.lines.begin(), other.lines.end());
  for (const std::optional<int64_t>& day : {other.first_day, other.last_day})
    if (day) cover(*day);
  more = other.more;  // pages come in their order
}

void UsageExport::keep(int64_t first, int64_t last) {
  std::erase_if(lines, [&](const Line& line) { return line.day < first || line.day > last; });
}

absl::StatusOr<UsageExport> parse_usage_export(std::string_view bytes, const std::string& name) {
  const size_t begin = bytes.find_first_not_of(" \t\r\n");
  const bool json = begin != std::string_view::npos && (bytes[begin] == '{' || bytes[begin] == '[');
  auto usage = json ? parse_usage_json(bytes) : parse_usage_csv(bytes);
  if (usage.ok()) return usage;
  return absl::InvalidArgumentError(absl::StrCat(name, ": ", usage.status().message()));
}

absl::StatusOr<UsageExport> read_usage_export(const std::string& path) {
  auto source = ByteSource::open(path);
  if (!source.ok()) return source.status();
  std::string bytes;
  for (std::string block(1 << 20, '\0');;) {
    const auto got = (*source)->read(block.data(), block.size());
    if (!got.ok()) return got.status();
    if (*got == 0) break;
    bytes.append(block, 0, *got);
    if (bytes.size() > kBytesMax)
      return absl::InvalidArgumentError(absl::StrCat(path, ": found more than 64 MiB, expected an export by the day"));
  }
  return parse_usage_export(bytes, path == "-" ? "standard input" : path);
}

}  // namespace harvest::client
