#include "service/dialect/json_text.h"

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>

#include "service/dialect/ascii.h"
#include "simdjson.h"
#include "storage/corpus/canonical_json.h"

namespace harvest::dialect::json_text {
namespace {

template <typename Number>
void append_chars(std::string& out, Number value) {
  std::array<char, 32> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  assert(error == std::errc());
  out.append(buffer.data(), end);
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  corpus::append_json_string(out, text);
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
