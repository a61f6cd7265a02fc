#include "service/dialect/ollama/ollama_messages.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "service/dialect/asked.h"
#include "service/dialect/field_error.h"
#include "service/dialect/json_fields.h"

namespace harvest::dialect {
namespace {

using json_text::append_key;
using json_text::append_string;

absl::Status check_image(const v1::Message& message, const Part& image, const std::string& field) {
  if (message.role() != "user") return field_error(field, "ollama takes images of a user only");
  if (image.base64.empty())
    return field_error(field, "found an image by its URL, ollama takes images as data URLs of base64 only");
  if (!image.detail.empty() && image.detail != "auto")
    return field_error(field, "found an image's detail, ollama has no such field");
  return absl::OkStatus();
}

absl::Status check_message(const v1::Message& message, const std::string& place) {
  if (message.role() == "developer") return field_error(place + ".role", "ollama has no developer, it calls it system");
  if (!message.name().empty() && message.role() != "tool")
    return field_error(place + ".name", "ollama has no such field");
  if (message.role() != "assistant") {
    if (!message.tool_calls_json().empty()) return field_error(place + ".tool_calls", "expected of an assistant only");
    if (!message.reasoning_content().empty())
      return field_error(place + ".reasoning_content", "expected of an assistant only");
  }
  if (message.role() != "tool" && !message.tool_call_id().empty())
    return field_error(place + ".tool_call_id", "expected of a tool only");
  const auto parts = read_parts(message);
  if (!parts.ok()) return parts.status();
  for (const Part& part : *parts)
    if (part.kind == Part::Kind::kImage)
      if (absl::Status status = check_image(message, part, place + ".content"); !status.ok()) return status;
  const auto texts =
      std::count_if(parts->begin(), parts->end(), [](const Part& part) { return part.kind == Part::Kind::kText; });
  if (texts > 1) return field_error(place + ".content", "ollama takes one text, found parts with more");
  return absl::OkStatus();
}

/// The name of the tool that this answers: stated, or by the id of its call before.
std::string tool_name(const v1::Prompt& prompt, const v1::Message& result) {
  if (!result.name().empty() || result.tool_call_id().empty()) return result.name();
  for (const v1::Message& message : prompt.messages()) {
    if (&message == &result) break;
    const auto calls = read_tool_calls(message.tool_calls_json());
    if (!calls.ok()) continue;
    for (const ToolCall& call : *calls)
      if (call.id == result.tool_call_id()) return call.name;
  }
  return {};
}

void append_content(std::string& out, const std::vector<Part>& parts) {
  std::string_view text;
  std::vector<std::string_view> images;
  for (const Part& part : parts) {
    if (part.kind == Part::Kind::kText) text = part.text;
    if (part.kind == Part::Kind::kImage) images.push_back(part.base64);
  }
  append_text_field(out, "content", text);
  if (!images.empty()) append_text_list(out, "images", images);
}

void append_calls(std::string& out, const std::vector<ToolCall>& calls) {
  append_key(out, "tool_calls");
  out += '[';
  for (const ToolCall& call : calls) {
    out += out.back() == '[' ? "{" : ",{";
    if (!call.id.empty()) append_text_field(out, "id", call.id);
    append_key(out, "function");
    out += '{';
    append_text_field(out, "name", call.name);
    append_raw_field(out, "arguments", call.arguments_json);
    out += "}}";
  }
  out += ']';
}

}  // namespace

absl::Status check_ollama_messages(const v1::Prompt& prompt) {
  for (int i = 0; i < prompt.messages_size(); ++i)
    if (absl::Status status = check_message(prompt.messages(i), absl::StrCat("messages[", i, "]")); !status.ok())
      return status;
  return absl::OkStatus();
}

void append_ollama_messages(std::string& out, const v1::Prompt& prompt) {
  append_key(out, "messages");
  out += '[';
  for (const v1::Message& message : prompt.messages()) {
    const auto parts = read_parts(message);
    const auto calls = read_tool_calls(message.tool_calls_json());
    if (!parts.ok() || !calls.ok()) continue;  // Invariant: check() has refused such a prompt.
    out += out.back() == '[' ? "{" : ",{";
    append_text_field(out, "role", message.role());
    append_content(out, *parts);
    if (!message.reasoning_content().empty()) append_text_field(out, "thinking", message.reasoning_content());
    if (!calls->empty()) append_calls(out, *calls);
    if (const std::string name = message.role() == "tool" ? tool_name(prompt, message) : ""; !name.empty())
      append_text_field(out, "tool_name", name);
    if (!message.tool_call_id().empty()) append_text_field(out, "tool_call_id", message.tool_call_id());
    out += '}';
  }
  out += ']';
}

}  // namespace harvest::dialect
