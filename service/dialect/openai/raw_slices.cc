#include "service/dialect/openai/raw_slices.h"

#include <simdjson.h>

#include "service/dialect/ascii.h"

namespace harvest::dialect {
namespace {

namespace ondemand = simdjson::ondemand;

/// The value's own text; empty for null, and for what is neither array nor object.
std::string slice(simdjson::simdjson_result<ondemand::value> found) {
  ondemand::value value;
  if (std::move(found).get(value) != simdjson::SUCCESS) return {};
  ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return {};
  std::string_view text;
  simdjson::error_code error = simdjson::INCORRECT_TYPE;
  if (ondemand::array array; type == ondemand::json_type::array && !value.get_array().get(array))
    error = array.raw_json().get(text);
  if (ondemand::object object; type == ondemand::json_type::object && !value.get_object().get(object))
    error = object.raw_json().get(text);
  if (error != simdjson::SUCCESS) return {};
  return std::string(ascii::trimmed(text));
}

ChoiceSlices slices_of(ondemand::object choice) {
  ChoiceSlices slices;
  ondemand::object message;
  if (choice.find_field_unordered("message").get_object().get(message) == simdjson::SUCCESS)
    slices.tool_calls = slice(message.find_field_unordered("tool_calls"));
  if (choice.reset().error() == simdjson::SUCCESS) slices.logprobs = slice(choice.find_field_unordered("logprobs"));
  ondemand::object logprobs;
  if (!slices.logprobs.empty() && choice.reset().error() == simdjson::SUCCESS &&
      choice.find_field_unordered("logprobs").get_object().get(logprobs) == simdjson::SUCCESS)
    slices.logprobs_content = slice(logprobs.find_field_unordered("content"));
  return slices;
}

}  // namespace

std::vector<ChoiceSlices> raw_slices(std::string_view body) {
  std::vector<ChoiceSlices> all;
  const simdjson::padded_string text(body);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::array choices;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS) return all;
  if (document.find_field_unordered("choices").get_array().get(choices) != simdjson::SUCCESS) return all;
  for (auto element : choices) {
    ondemand::object choice;
    if (element.get_object().get(choice) != simdjson::SUCCESS) return all;
    all.push_back(slices_of(choice));
  }
  return all;
}

}  // namespace harvest::dialect
