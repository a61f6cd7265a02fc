#include "service/dialect/json_text.h"

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstring>

#include "service/dialect/ascii.h"
#include "simdjson.h"

namespace harvest::dialect::json_text {
namespace {

bool needs_escape(unsigned char c) {
  return c < 0x20 || c == '"' || c == '\\';
}

constexpr uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;

/// Does one of eight bytes need an escape? The classic zero-byte test, three times; never misses one, and a false alarm
/// costs one look at the single bytes.
bool any_needs_escape(uint64_t eight) {
  const uint64_t control = (eight - kOnes * 0x20) & ~eight;
  const uint64_t quote = eight ^ (kOnes * '"');
  const uint64_t backslash = eight ^ (kOnes * '\\');
  return ((control | ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash)) & kHighs) != 0;
}

/// How many bytes from the front need no escape.
size_t plain_prefix(const char* text, size_t size) {
  size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    uint64_t eight;
    std::memcpy(&eight, text + i, 8);
    if (any_needs_escape(eight)) break;
  }
  while (i < size && !needs_escape(static_cast<unsigned char>(text[i]))) ++i;
  return i;
}

void append_escape(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      break;
  }
  constexpr char kHex[] = "0123456789abcdef";
  const char escape[] = {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]};
  out.append(escape, sizeof escape);
}

template <typename Number>
void append_chars(std::string& out, Number value) {
  std::array<char, 32> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  assert(error == std::errc());
  out.append(buffer.data(), end);
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const size_t plain = plain_prefix(text.data(), text.size());
    out.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    append_escape(out, static_cast<unsigned char>(text.front()));
    text.remove_prefix(1);
  }
  out += '"';
}

void append_number(std::string& out, double value) {
  assert(std::isfinite(value));
  append_chars(out, value);
}

void append_number(std::string& out, int64_t value) {
  append_chars(out, value);
}

void append_key(std::string& out, std::string_view key) {
  if (!out.empty() && out.back() != '{') out += ',';
  append_string(out, key);
  out += ':';
}

std::string_view inside_object(std::string_view object) {
  const std::string_view whole = ascii::trimmed(object);
  if (whole.size() < 2) return {};
  return ascii::trimmed(whole.substr(1, whole.size() - 2));
}

Kind kind_of(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return Kind::kInvalid;
  if (root.is_object()) return Kind::kObject;
  return root.is_array() ? Kind::kArray : Kind::kOther;
}

}  // namespace harvest::dialect::json_text
