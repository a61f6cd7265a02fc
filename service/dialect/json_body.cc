#include "service/dialect/json_body.h"

#include <memory>

#include "service/dialect/json_mend.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

/// Above this a parser's buffers are given back after the body that needed them.
constexpr size_t kParserKeepBytes = 1 << 20;

dom::parser& parser_of_thread() {
  thread_local std::unique_ptr<dom::parser> parser;
  if (!parser || parser->capacity() > kParserKeepBytes) parser = std::make_unique<dom::parser>();
  return *parser;
}

/// Errors that bytes or escapes outside Unicode cause; the only ones that mending can cure.
bool mendable(simdjson::error_code error) {
  return error == simdjson::UTF8_ERROR || error == simdjson::STRING_ERROR;
}

}  // namespace

JsonBody::JsonBody(std::string_view text, size_t slack) : text_(text) {
  dom::parser& parser = parser_of_thread();
  dom::element root;
  auto error = parser.parse(text_.data(), text_.size(), slack < simdjson::SIMDJSON_PADDING).get(root);
  if (mendable(error)) {
    mended_ = mended_json(text_);
    error = parser.parse(mended_.data(), mended_.size()).get(root);
  }
  if (error != simdjson::SUCCESS) {
    error_ = simdjson::error_message(error);
    return;
  }
  is_object_ = root.get(object_) == simdjson::SUCCESS;
}

size_t JsonBody::slack_behind(std::string_view part, std::string_view body, size_t slack) {
  const bool lies_in_body = part.data() >= body.data() && part.data() + part.size() <= body.data() + body.size();
  if (!lies_in_body) return 0;
  return static_cast<size_t>(body.data() + body.size() - (part.data() + part.size())) + slack;
}

std::string_view string_at(const dom::object& object, std::string_view key) {
  std::string_view value;
  if (object.at_key(key).get(value) != simdjson::SUCCESS) return {};
  return value;
}

bool object_at(const dom::object& object, std::string_view key, dom::object& found) {
  return object.at_key(key).get(found) == simdjson::SUCCESS;
}

bool truthy_at(const dom::object& object, std::string_view key) {
  dom::element value;
  if (object.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return false;
  switch (value.type()) {
    case dom::element_type::BOOL:
      return bool(value);
    case dom::element_type::STRING:
      return !std::string_view(value).empty();
    case dom::element_type::ARRAY:
      return dom::array(value).size() > 0;
    case dom::element_type::OBJECT:
      return dom::object(value).size() > 0;
    default:
      return true;
  }
}

}  // namespace harvest::dialect
