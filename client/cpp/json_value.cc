#include "client/cpp/json_value.h"

#include <algorithm>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "proto/text/mistake.h"
#include "storage/corpus/canonical_json.h"

namespace harvest::client {
namespace {

using simdjson::dom::element_type;

using Field = std::pair<std::string_view, simdjson::dom::element>;

std::optional<std::string> append_object(std::string& out, simdjson::dom::object object) {
  absl::InlinedVector<Field, 16> fields;
  for (const auto field : object) {
    fields.emplace_back(field.key, field.value);
  }
  std::sort(fields.begin(), fields.end(), [](const Field& a, const Field& b) { return a.first < b.first; });
  out += '{';
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) {
      if (fields[i].first == fields[i - 1].first) {
        return std::string(fields[i].first);
      }
      out += ',';
    }
    corpus::append_json_string(out, fields[i].first);
    out += ':';
    if (auto doubled = append_canonical(out, fields[i].second)) {
      return doubled;
    }
  }
  out += '}';
  return std::nullopt;
}

std::optional<std::string> append_array(std::string& out, simdjson::dom::array array) {
  out += '[';
  bool first = true;
  for (const auto value : array) {
    if (!first) {
      out += ',';
    }
    first = false;
    if (auto doubled = append_canonical(out, value)) {
      return doubled;
    }
  }
  out += ']';
  return std::nullopt;
}

}  // namespace

std::optional<std::string> append_canonical(std::string& out, simdjson::dom::element value) {
  switch (value.type()) {
    case element_type::OBJECT:
      return append_object(out, simdjson::dom::object(value));
    case element_type::ARRAY:
      return append_array(out, simdjson::dom::array(value));
    case element_type::STRING:
      corpus::append_json_string(out, std::string_view(value));
      break;
    case element_type::INT64:
      corpus::append_json_integer(out, int64_t(value));
      break;
    case element_type::UINT64:
      corpus::append_json_unsigned(out, uint64_t(value));
      break;
    case element_type::DOUBLE:
      corpus::append_json_double(out, double(value));
      break;
    case element_type::BOOL:
      out += bool(value) ? "true" : "false";
      break;
    case element_type::NULL_VALUE:
      out += "null";
      break;
  }
  return std::nullopt;
}

std::optional<std::string> doubled_key(simdjson::dom::object object) {
  absl::InlinedVector<std::string_view, 16> keys;
  for (const auto field : object) {
    keys.push_back(field.key);
  }
  std::sort(keys.begin(), keys.end());
  const auto doubled = std::adjacent_find(keys.begin(), keys.end());
  return doubled == keys.end() ? std::nullopt : std::optional<std::string>(*doubled);
}

std::string found(simdjson::dom::element value) {
  switch (value.type()) {
    case element_type::OBJECT:
      return "an object";
    case element_type::ARRAY:
      return "a list";
    case element_type::STRING:
      return text::shown(std::string(std::string_view(value)));
    case element_type::NULL_VALUE:
      return "nothing";
    default:
      return simdjson::minify(value);
  }
}

}  // namespace harvest::client
