#include "service/dialect/bedrock/bedrock_prompt_check.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "service/dialect/asked.h"
#include "service/dialect/bedrock/bedrock_content.h"
#include "service/dialect/field_error.h"

namespace harvest::dialect {
namespace {

absl::Status no_field(const std::string& place) {
  return field_error(place, std::string(kBedrockConverse) + " has no such field");
}

absl::Status check_image(const Part& image, const std::string& place) {
  if (!image.detail.empty() && image.detail != "auto")
    return field_error(place, absl::StrCat("found an image's detail ", image.detail, ", ",
                                           std::string(kBedrockConverse), " has no such field"));
  if (!image.url.empty() && !image.url.starts_with("s3://"))
    return field_error(place, "found an image's URL, expected its bytes or s3://…");
  if (bedrock_image_format(image).empty())
    return field_error(place, absl::StrCat("found ", image.url.empty() ? image.media_type : image.url,
                                           ", expected a PNG, JPEG, GIF or WebP"));
  return absl::OkStatus();
}

absl::Status check_content(const v1::Message& message, const std::string& place) {
  const auto parts = read_parts(message);
  if (!parts.ok()) return field_error(place + ".content", std::string(parts.status().message()));
  const bool assistant = message.role() == "assistant";
  for (const Part& part : *parts) {
    if (part.kind != Part::Kind::kImage) continue;
    if (assistant) return field_error(place + ".content", "an assistant's is text only");
    if (absl::Status status = check_image(part, place + ".content"); !status.ok()) return status;
  }
  const bool says = !parts->empty() || !message.reasoning_content().empty() || !message.tool_calls_json().empty();
  if (says || message.role() == "tool") return absl::OkStatus();
  return field_error(place + ".content", "expected something said, found nothing");
}

absl::Status check_calls(const v1::Message& message, const std::string& place) {
  const auto calls = read_tool_calls(message.tool_calls_json());
  if (!calls.ok()) return field_error(place + ".tool_calls", std::string(calls.status().message()));
  if (!calls->empty() && message.role() != "assistant")
    return field_error(place + ".tool_calls", "expected of an assistant only");
  for (const ToolCall& call : *calls)
    if (call.id.empty()) return field_error(place + ".tool_calls", "expected an id of every call");
  return absl::OkStatus();
}

absl::Status check_message(const v1::Message& message, const std::string& place) {
  if (!message.name().empty()) return no_field(place + ".name");
  if (!message.reasoning_content().empty() && message.role() != "assistant")
    return field_error(place + ".reasoning_content", "expected of an assistant only");
  const bool result = message.role() == "tool";
  if (result && message.tool_call_id().empty())
    return field_error(place + ".tool_call_id", "expected the id of the call that this answers");
  if (!result && !message.tool_call_id().empty())
    return field_error(place + ".tool_call_id", "expected of a tool's result only");
  if (absl::Status status = check_calls(message, place); !status.ok()) return status;
  return is_system(message) ? absl::OkStatus() : check_content(message, place);
}

absl::Status check_messages(const v1::Prompt& prompt) {
  bool begun = false;
  for (int i = 0; i < prompt.messages_size(); ++i) {
    const v1::Message& message = prompt.messages(i);
    const std::string place = absl::StrCat("messages[", i, "]");
    if (absl::Status status = check_message(message, place); !status.ok()) return status;
    if (is_system(message) || begun) continue;
    begun = true;
    if (message.role() != "user")
      return field_error(place + ".role", "found " + message.role() + ", expected the user to begin");
  }
  return begun ? absl::OkStatus() : field_error("messages", "expected one that is no system message");
}

absl::Status check_tool_choice(const v1::Prompt& prompt) {
  const auto tools = read_tools(prompt.tools_json());
  const auto choice = read_tool_choice(prompt.tool_choice_json());
  if (!tools.ok()) return tools.status();
  if (!choice.ok()) return choice.status();
  if (choice->mode == ToolChoice::Mode::kNone)
    return field_error("tool_choice",
                       absl::StrCat("found none, which ", std::string(kBedrockConverse), " cannot be told"));
  if (choice->mode != ToolChoice::Mode::kUnstated && tools->empty())
    return field_error("tool_choice", "given without tools");
  return absl::OkStatus();
}

}  // namespace

absl::Status check_converse_prompt(const v1::Prompt& prompt) {
  if (absl::Status status = check_messages(prompt); !status.ok()) return status;
  return check_tool_choice(prompt);
}

}  // namespace harvest::dialect
