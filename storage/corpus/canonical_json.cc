#include "storage/corpus/canonical_json.h"

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstring>

namespace harvest::corpus {
namespace {

constexpr std::array<bool, 256> escape_table() {
  std::array<bool, 256> table{};
  for (int c = 0; c < 0x20; ++c) table[static_cast<size_t>(c)] = true;
  table['"'] = table['\\'] = true;
  return table;
}
constexpr auto kEscaped = escape_table();

constexpr uint64_t kOnes = 0x0101010101010101u;
constexpr uint64_t kHighs = 0x8080808080808080u;

/// Whether one of eight bytes is a quote, a backslash or below 0x20: the classic "has a zero byte" and "has a byte less
/// than n" word tricks. May only err towards true, and the byte table then decides.
bool may_need_escape(uint64_t word) {
  const uint64_t quote = word ^ (kOnes * '"');
  const uint64_t slash = word ^ (kOnes * '\\');
  const uint64_t hit = ((quote - kOnes) & ~quote) | ((slash - kOnes) & ~slash) | ((word - kOnes * 0x20) & ~word);
  return (hit & kHighs) != 0;
}

/// Length of the part of `text` from `from` on that needs no escape.
size_t plain_run(std::string_view text, size_t from) {
  size_t at = from;
  while (at + 8 <= text.size()) {
    uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    if (may_need_escape(word)) break;
    at += 8;
  }
  while (at < text.size() && !kEscaped[static_cast<uint8_t>(text[at])]) ++at;
  return at - from;
}

void append_escape(std::string& out, char c) {
  static constexpr char kDigits[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
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
    default:
      break;
  }
  out += "\\u00";
  out += kDigits[static_cast<uint8_t>(c) >> 4];
  out += kDigits[static_cast<uint8_t>(c) & 15];
}

template <typename Number>
void append_number(std::string& out, Number value) {
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  out.append(buffer, end.ptr);
}

}  // namespace

void append_json_escaped(std::string& out, std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t run = plain_run(text, at);
    out.append(text.data() + at, run);
    at += run;
    if (at < text.size()) append_escape(out, text[at++]);
  }
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  append_json_escaped(out, text);
  out += '"';
}

void append_json_integer(std::string& out, int64_t value) {
  append_number(out, value);
}
void append_json_unsigned(std::string& out, uint64_t value) {
  append_number(out, value);
}

void append_json_double(std::string& out, double value) {
  assert(std::isfinite(value));
  append_number(out, value == 0 ? 0.0 : value);  // minus zero reads back as another value than it means
}

void JsonObject::text(std::string_view key, std::string_view value) {
  std::string json;
  append_json_string(json, value);
  raw(key, std::move(json));
}

void JsonObject::number(std::string_view key, uint64_t value) {
  raw(key, std::to_string(value));
}

void JsonObject::real(std::string_view key, double value) {
  std::string json;
  append_json_double(json, value);
  raw(key, std::move(json));
}

void JsonObject::boolean(std::string_view key, bool value) {
  raw(key, value ? "true" : "false");
}

void JsonObject::texts(std::string_view key, const std::vector<std::string>& values) {
  std::string json = "[";
  for (const std::string& value : values) {
    if (json.size() > 1) json += ',';
    append_json_string(json, value);
  }
  raw(key, json + ']');
}

void JsonObject::raw(std::string_view key, std::string json) {
  fields_.insert_or_assign(std::string(key), std::move(json));
}

std::string JsonObject::text() const {
  std::string out = "{";
  for (const auto& [key, value] : fields_) {
    if (out.size() > 1) out += ',';
    append_json_string(out, key);
    out += ':';
    out += value;
  }
  return out + '}';
}

}  // namespace harvest::corpus
