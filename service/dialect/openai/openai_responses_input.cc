#include "service/dialect/openai/openai_responses_input.h"

#include <string_view>
#include <vector>

#include "service/dialect/asked.h"
#include "service/dialect/json_fields.h"

namespace harvest::dialect {
namespace {

using json_text::append_key;
using json_text::append_string;

// Invariant of all that follows: check() has refused a prompt that cannot be taken apart.

void append_image(std::string& out, const Part& image) {
  append_text_field(out, "type", "input_image");
  append_text_field(out, "image_url",
                    image.url.empty() ? "data:" + image.media_type + ";base64," + image.base64 : image.url);
  append_text_field(out, "detail", image.detail.empty() ? "auto" : image.detail);  // may not be left out
}

void append_input_parts(std::string& out, std::string_view key, const std::vector<Part>& parts,
                        std::string_view text_type) {
  append_key(out, key);
  if (parts.empty()) return append_string(out, "");
  if (parts.size() == 1 && parts[0].kind == Part::Kind::kText) return append_string(out, parts[0].text);
  out += '[';
  for (const Part& part : parts) {
    out += out.back() == '[' ? "{" : ",{";
    if (part.kind == Part::Kind::kImage) {
      append_image(out, part);
    } else {
      append_text_field(out, "type", text_type);
      append_text_field(out, "text", part.text);
    }
    out += '}';
  }
  out += ']';
}

class InputItems {
 public:
  explicit InputItems(std::string& out) : out_(out) {}

  void append(const v1::Message& message) {
    const auto parts = read_parts(message);
    if (!parts.ok()) return;
    if (message.role() == "tool") return append_result(message, *parts);
    const auto calls = read_tool_calls(message.tool_calls_json());
    const bool calls_only = calls.ok() && !calls->empty() && parts->empty();
    if (!calls_only) append_message(message, *parts);
    if (!calls.ok()) return;
    for (const ToolCall& call : *calls) append_call(call);
  }

 private:
  void begin() { out_ += out_.back() == '[' ? "{" : ",{"; }

  void append_message(const v1::Message& message, const std::vector<Part>& parts) {
    begin();
    append_text_field(out_, "role", message.role());
    append_input_parts(out_, "content", parts, message.role() == "assistant" ? "output_text" : "input_text");
    out_ += '}';
  }

  void append_call(const ToolCall& call) {
    begin();
    append_text_field(out_, "type", "function_call");
    append_text_field(out_, "call_id", call.id);
    append_text_field(out_, "name", call.name);
    append_text_field(out_, "arguments", call.arguments_json);
    out_ += '}';
  }

  void append_result(const v1::Message& message, const std::vector<Part>& parts) {
    begin();
    append_text_field(out_, "type", "function_call_output");
    append_text_field(out_, "call_id", message.tool_call_id());
    append_input_parts(out_, "output", parts, "input_text");
    out_ += '}';
  }

  std::string& out_;
};

}  // namespace

void append_input(std::string& out, const v1::Prompt& prompt) {
  append_key(out, "input");
  out += '[';
  InputItems items(out);
  bool begun = false;
  for (const v1::Message& message : prompt.messages()) {
    begun |= !is_system(message);
    if (begun) items.append(message);
  }
  out += ']';
}

}  // namespace harvest::dialect
