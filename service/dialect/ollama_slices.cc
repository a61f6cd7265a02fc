#include "service/dialect/ollama_slices.h"

#include <simdjson.h>

#include "service/dialect/ascii.h"
#include "service/dialect/json_text.h"

namespace harvest::dialect {
namespace {

namespace ondemand = simdjson::ondemand;

std::string text_at(ondemand::object& object, std::string_view key) {
  std::string_view text;
  if (object.find_field_unordered(key).get_string().get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

/// An object's bytes; a text (older servers') as it is.
std::string arguments_of(ondemand::object& function) {
  ondemand::object arguments;
  std::string_view raw;
  if (function.find_field_unordered("arguments").get_object().get(arguments) != simdjson::SUCCESS)
    return text_at(function, "arguments");
  if (arguments.raw_json().get(raw) != simdjson::SUCCESS) return {};
  return std::string(ascii::trimmed(raw));
}

}  // namespace

std::vector<ToolCallDraft> ollama_tool_calls(std::string_view json) {
  std::vector<ToolCallDraft> calls;
  const simdjson::padded_string text(json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object root, message;
  ondemand::array list;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS || document.get_object().get(root) != simdjson::SUCCESS ||
      root.find_field_unordered("message").get_object().get(message) != simdjson::SUCCESS ||
      message.find_field_unordered("tool_calls").get_array().get(list) != simdjson::SUCCESS)
    return calls;
  for (auto element : list) {
    ondemand::object item, function;
    if (element.get_object().get(item) != simdjson::SUCCESS) continue;
    ToolCallDraft call;
    call.id = text_at(item, "id");
    if (item.find_field_unordered("function").get_object().get(function) == simdjson::SUCCESS) {
      call.name = text_at(function, "name");
      call.arguments = arguments_of(function);
    }
    calls.push_back(std::move(call));
  }
  return calls;
}

std::string ollama_logprobs(std::string_view json) {
  const simdjson::padded_string text(json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object root;
  ondemand::array logprobs;
  std::string_view raw;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS || document.get_object().get(root) != simdjson::SUCCESS ||
      root.find_field_unordered("logprobs").get_array().get(logprobs) != simdjson::SUCCESS ||
      logprobs.raw_json().get(raw) != simdjson::SUCCESS)
    return {};
  return std::string(json_text::inside_object(raw));  // brackets go as braces do
}

}  // namespace harvest::dialect
