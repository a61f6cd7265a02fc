#include "service/dialect/json_mend.h"

#include <cstdint>
#include <optional>

namespace harvest::dialect {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Length of the well-formed UTF-8 sequence at the front (Unicode 15, table 3-7), or 0.
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto tail = [&](size_t i) { return byte(i) >= 0x80 && byte(i) <= 0xBF; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80, high = lead == 0xED ? 0x9F : 0xBF;
    return byte(1) >= low && byte(1) <= high && tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80, high = lead == 0xF4 ? 0x8F : 0xBF;
    return byte(1) >= low && byte(1) <= high && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

/// The code unit of a `\uXXXX` escape at the front.
std::optional<uint32_t> escaped_unit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  uint32_t unit = 0;
  for (const char c : text.substr(2, 4)) {
    const bool digit = c >= '0' && c <= '9', lower = c >= 'a' && c <= 'f', upper = c >= 'A' && c <= 'F';
    if (!digit && !lower && !upper) return std::nullopt;
    unit = unit * 16 + static_cast<uint32_t>(digit ? c - '0' : lower ? c - 'a' + 10 : c - 'A' + 10);
  }
  return unit;
}

bool is_high(uint32_t unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low(uint32_t unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

/// Copies one escape sequence, or its replacement; returns how many bytes of `text` that took.
size_t copy_escape(std::string& out, std::string_view text) {
  const auto unit = escaped_unit(text);
  size_t taken = text.size() < 2 ? 1 : 2;
  if (unit) {
    taken = 6;
    if (is_high(*unit)) {
      const auto next = escaped_unit(text.substr(6));
      if (!next || !is_low(*next)) return out += kReplacement, 6;
      taken = 12;
    } else if (is_low(*unit)) {
      return out += kReplacement, 6;
    }
  } else if (text.size() >= 2 && static_cast<unsigned char>(text[1]) >= 0x80) {
    taken = 1;  // not an escape at all; the byte after it is looked at on its own
  }
  out += text.substr(0, taken);
  return taken;
}

std::string mended(std::string_view text, bool escapes) {
  std::string out;
  out.reserve(text.size() + 16);
  while (!text.empty()) {
    size_t taken;
    if (escapes && text.front() == '\\') {
      taken = copy_escape(out, text);
    } else if (const size_t length = utf8_length(text); length > 0) {
      out += text.substr(0, length);
      taken = length;
    } else {
      out += kReplacement;
      taken = 1;
    }
    text.remove_prefix(taken);
  }
  return out;
}

}  // namespace

std::string mended_json(std::string_view text) {
  return mended(text, true);
}
std::string mended_utf8(std::string_view text) {
  return mended(text, false);
}

}  // namespace harvest::dialect
