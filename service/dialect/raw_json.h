#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

#include "service/dialect/json_text.h"

/// JSON walked for its own bytes, where a value's text must stay as the server wrote it: simdjson's on-demand parser,
/// over a body that was validated before. What is not there, or of another type, is absent and no error.
namespace harvest::dialect::raw_json {

namespace ondemand = simdjson::ondemand;

/// A body and its parser, for as long as it is walked.
class Document {
 public:
  explicit Document(std::string_view json) : text_(json) {}
  /// False where it is no object.
  bool root(ondemand::object& object) {
    return parser_.iterate(text_).get(document_) == simdjson::SUCCESS &&
           document_.get_object().get(object) == simdjson::SUCCESS;
  }

 private:
  const simdjson::padded_string text_;
  ondemand::parser parser_;
  ondemand::document document_;
};

/// The member under this key, searched from the object's start: of two equal keys the first counts.
template <typename Value>
bool member(ondemand::object& object, std::string_view key, Value& value) {
  if (object.reset().error() != simdjson::SUCCESS) return false;
  return object.find_field_unordered(key).get(value) == simdjson::SUCCESS;
}

/// Calls `read` with every object of the list under `key`.
template <typename Read>
void each_object(ondemand::object& object, std::string_view key, Read read) {
  ondemand::array list;
  if (!member(object, key, list)) return;
  for (auto element : list)
    if (ondemand::object item; element.get_object().get(item) == simdjson::SUCCESS) read(item);
}

/// What stands between the brackets of the list under `key`; empty: no list, or nothing in it.
inline std::string inside_list(ondemand::object& object, std::string_view key) {
  ondemand::array list;
  std::string_view raw;
  if (!member(object, key, list) || list.raw_json().get(raw) != simdjson::SUCCESS) return {};
  return std::string(json_text::inside_object(raw));  // brackets go as braces do
}

}  // namespace harvest::dialect::raw_json
