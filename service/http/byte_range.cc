#include "service/http/byte_range.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace harvest::http {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_bytes_unit(std::string_view unit) {
  constexpr std::string_view kBytes = "bytes";
  return std::equal(unit.begin(), unit.end(), kBytes.begin(), kBytes.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

/// Digits only. A position too large for 64 bits lies past every file: the largest value says that.
std::optional<uint64_t> position(std::string_view digits) {
  if (digits.empty()) return std::nullopt;
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    const uint64_t digit = static_cast<uint64_t>(c - '0');
    value = value > (kMax - digit) / 10 ? kMax : value * 10 + digit;
  }
  return value;
}

}  // namespace

ByteRange parse_range(std::string_view header, uint64_t size) {
  using Kind = ByteRange::Kind;
  const std::size_t equals = header.find('=');
  if (equals == std::string_view::npos || !is_bytes_unit(trimmed(header.substr(0, equals)))) return {};
  const std::string_view spec = trimmed(header.substr(equals + 1));
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos || spec.find(',') != std::string_view::npos) return {};
  const std::string_view from = spec.substr(0, dash), to = spec.substr(dash + 1);

  if (from.empty()) {  // the last so many bytes
    const std::optional<uint64_t> suffix = position(to);
    if (!suffix) return {};
    if (*suffix == 0 || size == 0) return {.kind = Kind::kUnsatisfiable};
    const uint64_t length = std::min(*suffix, size);
    return {.kind = Kind::kPart, .first = size - length, .length = length};
  }
  const std::optional<uint64_t> first = position(from);
  if (!first) return {};
  std::optional<uint64_t> last = std::numeric_limits<uint64_t>::max();
  if (!to.empty()) last = position(to);
  if (!last || *last < *first) return {};
  if (*first >= size) return {.kind = Kind::kUnsatisfiable};
  const uint64_t end = std::min(*last, size - 1);
  return {.kind = Kind::kPart, .first = *first, .length = end - *first + 1};
}

}  // namespace harvest::http
