#include "service/dialect/turns.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "service/dialect/asked.h"
#include "service/dialect/field_error.h"

namespace harvest::dialect {
namespace {

absl::Status check_assistant(const v1::Message& message, const std::string& place) {
  const auto parts = read_parts(message);
  if (!parts.ok()) return field_error(place + ".content", std::string(parts.status().message()));
  for (const Part& part : *parts)
    if (part.kind != Part::Kind::kText) return field_error(place + ".content", "an assistant's is text only");
  const auto calls = read_tool_calls(message.tool_calls_json());
  if (!calls.ok()) return field_error(place + ".tool_calls", std::string(calls.status().message()));
  for (const ToolCall& call : *calls)
    if (call.id.empty()) return field_error(place + ".tool_calls", "expected an id of every call");
  if (parts->empty() && calls->empty()) return field_error(place + ".content", "expected text or tool calls");
  return absl::OkStatus();
}

absl::Status check_message(std::string_view dialect, const v1::Message& message, const std::string& place) {
  const auto no_field = [&](std::string_view field) {
    return field_error(place + "." + std::string(field), std::string(dialect) + " has no such field");
  };
  if (!message.name().empty()) return no_field("name");
  if (!message.reasoning_content().empty()) return no_field("reasoning_content");
  const bool result = message.role() == "tool";
  if (result && message.tool_call_id().empty())
    return field_error(place + ".tool_call_id", "expected the id of the call that this answers");
  if (!result && !message.tool_call_id().empty())
    return field_error(place + ".tool_call_id", "expected of a tool's result only");
  if (message.role() == "assistant") return check_assistant(message, place);
  if (!message.tool_calls_json().empty()) return field_error(place + ".tool_calls", "expected of an assistant only");
  if (result) return absl::OkStatus();
  if (const auto parts = read_parts(message); parts.ok() && !parts->empty()) return absl::OkStatus();
  return field_error(place + ".content", "expected text or an image, found none");
}

}  // namespace

std::vector<Turn> turns(const v1::Prompt& prompt) {
  std::vector<Turn> all;
  for (const v1::Message& message : prompt.messages()) {
    if (all.empty() && is_system(message)) continue;
    const bool assistant = message.role() == "assistant";
    if (all.empty() || all.back().assistant != assistant) all.push_back({.assistant = assistant, .messages = {}});
    all.back().messages.push_back(&message);
  }
  return all;
}

absl::Status check_turns(std::string_view dialect, const v1::Prompt& prompt) {
  bool begun = false, user_spoke = false;
  for (int i = 0; i < prompt.messages_size(); ++i) {
    const v1::Message& message = prompt.messages(i);
    const std::string place = absl::StrCat("messages[", i, "]");
    begun |= !is_system(message);
    // An empty system message says nothing, and costs nothing.
    if (is_system(message) && message.content().empty() && message.parts_json().empty()) continue;
    if (absl::Status status = check_message(dialect, message, place); !status.ok()) return status;
    if (message.role() == "assistant") user_spoke = false;
    if (message.role() == "user") user_spoke = true;
    if (message.role() == "tool" && user_spoke)
      return field_error(place + ".role", "a tool's result stands before what the user says in the same turn");
  }
  if (begun) return absl::OkStatus();
  return field_error("messages", "expected one that is no system message");
}

}  // namespace harvest::dialect
