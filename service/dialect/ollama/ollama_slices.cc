#include "service/dialect/ollama/ollama_slices.h"

#include "service/dialect/ascii.h"
#include "service/dialect/raw_json.h"

namespace harvest::dialect {
namespace {

using namespace raw_json;

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
  Document document(json);
  ondemand::object root, message;
  if (!document.root(root) || !member(root, "message", message)) return calls;
  each_object(message, "tool_calls", [&](ondemand::object& item) {
    ondemand::object function;
    ToolCallDraft call;
    call.id = text_at(item, "id");
    if (item.find_field_unordered("function").get_object().get(function) == simdjson::SUCCESS) {
      call.name = text_at(function, "name");
      call.arguments = arguments_of(function);
    }
    calls.push_back(std::move(call));
  });
  return calls;
}

std::string ollama_logprobs(std::string_view json) {
  Document document(json);
  ondemand::object root;
  return document.root(root) ? inside_list(root, "logprobs") : std::string();
}

}  // namespace harvest::dialect
