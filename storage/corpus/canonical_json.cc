#include "storage/corpus/canonical_json.h"

#include <cassert>
#include <charconv>
#include <cmath>

#include "storage/corpus/plain_run.h"

namespace harvest::corpus {
namespace {

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
    const size_t run = plain_run(text.substr(at));
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
