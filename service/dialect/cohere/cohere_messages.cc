#include "service/dialect/cohere/cohere_messages.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "service/dialect/asked.h"
#include "service/dialect/field_error.h"
#include "service/dialect/json_fields.h"

namespace harvest::dialect {
namespace {

using json_text::append_key;
using json_text::append_string;

absl::Status check_message(const v1::Message& message, const std::string& place) {
  const bool assistant = message.role() == "assistant", tool = message.role() == "tool";
  if (message.role() == "developer")
    return field_error(place + ".role", "cohere-v2 has no developer, it calls it system");
  if (!message.name().empty()) return field_error(place + ".name", "cohere-v2 has no such field");
  if (!assistant && !message.tool_calls_json().empty())
    return field_error(place + ".tool_calls", "expected of an assistant only");
  if (!assistant && !message.reasoning_content().empty())
    return field_error(place + ".reasoning_content", "expected of an assistant only");
  if (tool == message.tool_call_id().empty())
    return field_error(place + ".tool_call_id",
                       tool ? "expected the id of the call that this answers" : "expected of a tool only");
  if (const auto parts = read_parts(message); parts.ok() && message.role() != "user")
    for (const Part& part : *parts)
      if (part.kind == Part::Kind::kImage) return field_error(place + ".content", "expected an image of a user only");
  if (const auto calls = read_tool_calls(message.tool_calls_json()); calls.ok())
    for (const ToolCall& call : *calls)
      if (call.id.empty()) return field_error(place + ".tool_calls", "expected an id of every call");
  return absl::OkStatus();
}

void append_image(std::string& out, const Part& image) {
  append_text_field(out, "type", "image_url");
  append_key(out, "image_url");
  out += '{';
  append_text_field(out, "url", image.url.empty() ? "data:" + image.media_type + ";base64," + image.base64 : image.url);
  if (!image.detail.empty()) append_text_field(out, "detail", image.detail);
  out += '}';
}

/// A text where that says it all, else parts; thoughts go before them.
void append_content(std::string& out, const v1::Message& message, const std::vector<Part>& parts) {
  append_key(out, "content");
  const bool thought = !message.reasoning_content().empty();
  if (!thought && parts.empty()) return append_string(out, "");
  if (!thought && parts.size() == 1 && parts[0].kind == Part::Kind::kText) return append_string(out, parts[0].text);
  out += '[';
  if (thought) {
    out += '{';
    append_text_field(out, "type", "thinking");
    append_text_field(out, "thinking", message.reasoning_content());
    out += '}';
  }
  for (const Part& part : parts) {
    out += out.back() == '[' ? "{" : ",{";
    if (part.kind == Part::Kind::kImage) {
      append_image(out, part);
    } else {
      append_text_field(out, "type", "text");
      append_text_field(out, "text", part.text);
    }
    out += '}';
  }
  out += ']';
}

}  // namespace

absl::Status check_cohere_messages(const v1::Prompt& prompt) {
  for (int i = 0; i < prompt.messages_size(); ++i)
    if (absl::Status status = check_message(prompt.messages(i), absl::StrCat("messages[", i, "]")); !status.ok())
      return status;
  return absl::OkStatus();
}

void append_cohere_messages(std::string& out, const v1::Prompt& prompt) {
  append_key(out, "messages");
  out += '[';
  for (const v1::Message& message : prompt.messages()) {
    const auto parts = read_parts(message);
    if (!parts.ok()) continue;  // Invariant: check() has refused such a prompt.
    out += out.back() == '[' ? "{" : ",{";
    append_text_field(out, "role", message.role());
    const bool silent = parts->empty() && message.reasoning_content().empty();
    if (!silent || message.tool_calls_json().empty()) append_content(out, message, *parts);
    if (!message.tool_calls_json().empty()) append_raw_field(out, "tool_calls", message.tool_calls_json());
    if (!message.tool_call_id().empty()) append_text_field(out, "tool_call_id", message.tool_call_id());
    out += '}';
  }
  out += ']';
}

}  // namespace harvest::dialect
