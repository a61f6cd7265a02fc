#include "service/dialect/anthropic/anthropic_content.h"

#include <string_view>
#include <vector>

#include "service/dialect/asked.h"
#include "service/dialect/json_fields.h"
#include "service/dialect/turns.h"

namespace harvest::dialect {
namespace {

using json_text::append_key;
using json_text::append_string;

void begin_block(std::string& out, std::string_view type) {
  out += out.back() == '[' ? "{" : ",{";
  append_text_field(out, "type", type);
}

void append_image(std::string& out, const Part& image) {
  append_key(out, "source");
  out += '{';
  append_text_field(out, "type", image.url.empty() ? "base64" : "url");
  if (image.url.empty()) {
    append_text_field(out, "media_type", image.media_type);
    append_text_field(out, "data", image.base64);
  } else {
    append_text_field(out, "url", image.url);
  }
  out += '}';
}

void append_parts(std::string& out, const std::vector<Part>& parts) {
  for (const Part& part : parts) {
    const bool text = part.kind == Part::Kind::kText;
    begin_block(out, text ? "text" : "image");
    if (text) {
      append_text_field(out, "text", part.text);
    } else {
      append_image(out, part);
    }
    out += '}';
  }
}

bool is_one_text(const std::vector<Part>& parts) {
  return parts.size() == 1 && parts[0].kind == Part::Kind::kText;
}

/// `"content":` as a string, or as a list of what `append_blocks` writes.
template <typename AppendBlocks>
void append_content(std::string& out, const std::vector<Part>* only, AppendBlocks append_blocks) {
  append_key(out, "content");
  if (only != nullptr && is_one_text(*only)) return append_string(out, (*only)[0].text);
  out += '[';
  append_blocks();
  out += ']';
}

void append_result(std::string& out, const v1::Message& message, const std::vector<Part>& parts) {
  begin_block(out, "tool_result");
  append_text_field(out, "tool_use_id", message.tool_call_id());
  if (!parts.empty()) append_content(out, &parts, [&] { append_parts(out, parts); });
  out += '}';
}

void append_call(std::string& out, const ToolCall& call) {
  begin_block(out, "tool_use");
  append_text_field(out, "id", call.id);
  append_text_field(out, "name", call.name);
  append_raw_field(out, "input", call.arguments_json);
  out += '}';
}

void append_message(std::string& out, const v1::Message& message) {
  const auto parts = read_parts(message);
  const auto calls = read_tool_calls(message.tool_calls_json());
  if (!parts.ok() || !calls.ok()) return;  // Invariant: check() has refused such a prompt.
  if (message.role() == "tool") return append_result(out, message, *parts);
  append_parts(out, *parts);
  for (const ToolCall& call : *calls) append_call(out, call);
}

}  // namespace

void append_anthropic_turns(std::string& out, const v1::Prompt& prompt) {
  append_key(out, "messages");
  out += '[';
  for (const Turn& turn : turns(prompt)) {
    const v1::Message& first = *turn.messages.front();
    const bool plain = turn.messages.size() == 1 && first.role() != "tool" && first.tool_calls_json().empty();
    const auto parts = read_parts(first);
    out += out.back() == '[' ? "{" : ",{";
    append_text_field(out, "role", turn.assistant ? "assistant" : "user");
    append_content(out, plain && parts.ok() ? &*parts : nullptr, [&] {
      for (const v1::Message* message : turn.messages) append_message(out, *message);
    });
    out += '}';
  }
  out += ']';
}

}  // namespace harvest::dialect
