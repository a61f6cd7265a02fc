#include "service/dialect/vendor_error.h"

#include <charconv>

#include "service/dialect/ascii.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

void read_code(const dom::object& object, VendorError& error) {
  dom::element code;
  if (object.at_key("code").get(code) != simdjson::SUCCESS) return;
  if (int64_t value; code.get(value) == simdjson::SUCCESS) {
    if (value >= 0 && value < 1000) error.number = static_cast<int>(value);
  } else if (std::string_view text; code.get(text) == simdjson::SUCCESS) {
    // "429" is a status in quotes; "1300" is a name that happens to be digits.
    int number = 0;
    const char* end = text.data() + text.size();
    if (text.size() == 3 && std::from_chars(text.data(), end, number).ptr == end) {
      error.number = number;
    } else {
      error.code = text.substr(0, kVendorCodeBytesMax);
    }
  }
}

void read_fields(const dom::object& object, VendorError& error) {
  read_code(object, error);
  error.type = string_at(object, "type").substr(0, kVendorCodeBytesMax);
  error.message = string_at(object, "message");
  dom::object inner;
  if (error.code == "content_filter" || error.code == "content_policy_violation") error.content_filter = true;
  // OpenAI's reasoning models: "your prompt was flagged as potentially violating our usage policy".
  if (error.code == "invalid_prompt" && ascii::contains_ignoring_case(error.message, "usage policy"))
    error.content_filter = true;
  if (object_at(object, "innererror", inner) && string_at(inner, "code") == "ResponsibleAIPolicyViolation")
    error.content_filter = true;
  // OpenRouter's input moderation: 403 with the reasons beside it. A 403 without them is about access.
  if (object_at(object, "metadata", inner) && (truthy_at(inner, "flagged_input") || truthy_at(inner, "reasons")))
    error.content_filter = true;
}

}  // namespace

std::string VendorError::name(int status) const {
  if (!code.empty()) return vendor_code(code);
  if (!type.empty()) return vendor_code(type);
  return "http_" + std::to_string(status);
}

VendorError read_vendor_error(const dom::object& object) {
  VendorError error;
  dom::element value;
  dom::object fields;
  if (object_at(object, "error", fields)) {
    read_fields(fields, error);
  } else if (truthy_at(object, "error")) {
    error.message = string_at(object, "error");
    error.type = string_at(object, "error_type").substr(0, kVendorCodeBytesMax);
  } else if (truthy_at(object, "message")) {
    read_fields(object, error);
  } else if (object.at_key("detail").get(value) == simdjson::SUCCESS) {
    std::string_view text;
    error.message = value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::to_string(value);
  }
  if (error.message.empty()) error.message = simdjson::to_string(object);
  return error;
}

VendorError read_vendor_error(std::string_view text) {
  VendorError error;
  error.message = text.substr(0, kVendorMessageBytesMax * 4);
  return error;
}

}  // namespace harvest::dialect
