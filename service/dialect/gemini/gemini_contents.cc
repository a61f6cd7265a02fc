#include "service/dialect/gemini/gemini_contents.h"

#include <string_view>
#include <vector>

#include "service/dialect/asked.h"
#include "service/dialect/json_fields.h"

namespace harvest::dialect {
namespace {

using json_text::append_key;

// Invariant of all that follows: check() has refused a prompt that cannot be taken apart.

std::string_view role_of(const v1::Message& message) {
  return message.role() == "assistant" ? "model" : "user";
}

class Contents {
 public:
  Contents(std::string& out, const v1::Prompt& prompt) : out_(out), prompt_(prompt) {}

  void append(int number) {
    const v1::Message& message = prompt_.messages(number);
    const auto parts = read_parts(message);
    if (!parts.ok()) return;
    turn(role_of(message));
    if (message.role() == "tool") return append_result(number, *parts);
    for (const Part& part : *parts) append_part(part);
    const auto calls = read_tool_calls(message.tool_calls_json());
    if (!calls.ok()) return;
    for (const ToolCall& call : *calls) append_call(call);
  }

  void end() {
    if (!role_.empty()) out_ += "]}";
  }

 private:
  void turn(std::string_view role) {
    if (role == role_) return;
    if (!role_.empty()) out_ += "]},";
    role_ = role;
    out_ += '{';
    append_text_field(out_, "role", role);
    append_key(out_, "parts");
    out_ += '[';
  }

  void begin() { out_ += out_.back() == '[' ? "{" : ",{"; }

  void append_part(const Part& part) {
    begin();
    if (part.kind == Part::Kind::kText) {
      append_text_field(out_, "text", part.text);
    } else {
      append_key(out_, "inlineData");
      out_ += '{';
      append_text_field(out_, "mimeType", part.media_type);
      append_text_field(out_, "data", part.base64);
      out_ += '}';
    }
    out_ += '}';
  }

  void append_call(const ToolCall& call) {
    begin();
    append_key(out_, "functionCall");
    out_ += '{';
    if (!call.id.empty()) append_text_field(out_, "id", call.id);
    append_text_field(out_, "name", call.name);
    append_raw_field(out_, "args", call.arguments_json.empty() ? "{}" : call.arguments_json);
    out_ += "}}";
  }

  void append_result(int number, const std::vector<Part>& parts) {
    const v1::Message& message = prompt_.messages(number);
    std::string text;
    for (const Part& part : parts) text += part.text;
    begin();
    append_key(out_, "functionResponse");
    out_ += '{';
    if (!message.tool_call_id().empty()) append_text_field(out_, "id", message.tool_call_id());
    append_text_field(out_, "name", result_name(prompt_, number));
    append_key(out_, "response");
    if (json_text::kind_of(text) == json_text::Kind::kObject) {
      out_ += text;
    } else {
      out_ += '{';
      append_text_field(out_, "output", text);
      out_ += '}';
    }
    out_ += "}}";
  }

  std::string& out_;
  const v1::Prompt& prompt_;
  std::string_view role_;
};

}  // namespace

std::string result_name(const v1::Prompt& prompt, int number) {
  const v1::Message& result = prompt.messages(number);
  for (int i = number - 1; i >= 0 && !result.tool_call_id().empty(); --i) {
    const auto calls = read_tool_calls(prompt.messages(i).tool_calls_json());
    if (!calls.ok()) continue;
    for (const ToolCall& call : *calls)
      if (call.id == result.tool_call_id()) return call.name;
  }
  return result.name();
}

void append_contents(std::string& out, const v1::Prompt& prompt) {
  append_key(out, "contents");
  out += '[';
  Contents contents(out, prompt);
  bool begun = false;
  for (int i = 0; i < prompt.messages_size(); ++i) {
    begun |= !is_system(prompt.messages(i));
    if (begun) contents.append(i);
  }
  contents.end();
  out += ']';
}

}  // namespace harvest::dialect
