#include "service/dialect/bedrock/bedrock_content.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "service/dialect/ascii.h"
#include "service/dialect/json_fields.h"
#include "service/dialect/turns.h"

namespace harvest::dialect {
namespace {

using json_text::append_key;

// Invariant of all that follows: check() has refused a query that cannot be taken apart.

void append_image(std::string& out, const Part& image) {
  begin_object(out, "image");
  append_text_field(out, "format", bedrock_image_format(image));
  begin_object(out, "source");
  if (image.url.empty()) {
    append_text_field(out, "bytes", image.base64);
  } else {
    begin_object(out, "s3Location");
    append_text_field(out, "uri", image.url);
    out += '}';
  }
  out += "}}";
}

void append_parts(std::string& out, const std::vector<Part>& parts) {
  for (const Part& part : parts) {
    begin_element(out);
    if (part.kind == Part::Kind::kText) {
      append_text_field(out, "text", part.text);
    } else {
      append_image(out, part);
    }
    out += '}';
  }
}

void append_result(std::string& out, const v1::Message& message, const std::vector<Part>& parts) {
  begin_element(out);
  begin_object(out, "toolResult");
  append_text_field(out, "toolUseId", message.tool_call_id());
  append_key(out, "content");
  out += '[';
  append_parts(out, parts);
  out += "]}}";
}

void append_thought(std::string& out, const std::string& text) {
  begin_element(out);
  begin_object(out, "reasoningContent");
  begin_object(out, "reasoningText");
  append_text_field(out, "text", text);
  out += "}}}";
}

void append_call(std::string& out, const ToolCall& call) {
  begin_element(out);
  begin_object(out, "toolUse");
  append_text_field(out, "toolUseId", call.id);
  append_text_field(out, "name", call.name);
  append_raw_field(out, "input", call.arguments_json);
  out += "}}";
}

void append_blocks(std::string& out, const v1::Message& message) {
  const auto parts = read_parts(message);
  const auto calls = read_tool_calls(message.tool_calls_json());
  if (!parts.ok() || !calls.ok()) return;
  if (message.role() == "tool") return append_result(out, message, *parts);
  if (!message.reasoning_content().empty()) append_thought(out, message.reasoning_content());
  append_parts(out, *parts);
  for (const ToolCall& call : *calls) append_call(out, call);
}

}  // namespace

void append_converse_turns(std::string& out, const v1::Prompt& prompt) {
  append_key(out, "messages");
  out += '[';
  for (const Turn& turn : turns(prompt)) {
    begin_element(out);
    append_text_field(out, "role", turn.assistant ? "assistant" : "user");
    append_key(out, "content");
    out += '[';
    for (const v1::Message* message : turn.messages) append_blocks(out, *message);
    out += "]}";
  }
  out += ']';
}

std::string_view bedrock_image_format(const Part& image) {
  constexpr std::array<std::string_view, 4> kFormats{"png", "jpeg", "gif", "webp"};
  std::string_view kind = image.url.empty() ? std::string_view(image.media_type) : std::string_view(image.url);
  const char mark = image.url.empty() ? '/' : '.';
  if (image.url.empty() && !kind.starts_with("image/")) return {};
  kind.remove_prefix(std::min(kind.rfind(mark), kind.size() - 1) + 1);
  for (const std::string_view format : kFormats)
    if (ascii::equals_ignoring_case(kind, format)) return format;
  return ascii::equals_ignoring_case(kind, "jpg") ? "jpeg" : std::string_view();
}

}  // namespace harvest::dialect
