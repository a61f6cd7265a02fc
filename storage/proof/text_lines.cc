#include "storage/proof/text_lines.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "storage/proof/tree.h"

namespace harvest::proof {

std::optional<std::string_view> TextLines::next() {
  const size_t end = rest_.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return line;
}

std::optional<uint64_t> read_decimal(std::string_view text) {
  if (text.empty() || text.size() > 19 || (text[0] == '0' && text.size() > 1)) return std::nullopt;
  uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  return value <= kSizeMax ? std::optional(value) : std::nullopt;
}

std::string shown(std::string_view text) {
  constexpr size_t kShownBytes = 60;
  const absl::string_view head(text.data(), std::min(text.size(), kShownBytes));
  return "\"" + absl::CEscape(head) + (text.size() > kShownBytes ? "…\"" : "\"");
}

}  // namespace harvest::proof
