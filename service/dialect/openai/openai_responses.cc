#include "service/dialect/openai/openai_responses.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "service/dialect/asked.h"
#include "service/dialect/field_error.h"
#include "service/dialect/openai/openai_batches.h"
#include "service/dialect/openai/openai_profile.h"
#include "service/dialect/openai/openai_responses_answer.h"
#include "service/dialect/openai/openai_responses_request.h"
#include "service/dialect/openai/openai_responses_stream.h"

namespace harvest::dialect {
namespace {

// What would lengthen the conversation (previous_response_id, conversation, prompt), or put the answer off
// (background), decides cost as a cap does.
constexpr std::array<std::string_view, 17> kResponsesOwnKeys{"model",
                                                             "instructions",
                                                             "input",
                                                             "temperature",
                                                             "top_p",
                                                             "top_logprobs",
                                                             "service_tier",
                                                             "max_output_tokens",
                                                             "tools",
                                                             "tool_choice",
                                                             "parallel_tool_calls",
                                                             "store",
                                                             "stream",
                                                             "background",
                                                             "previous_response_id",
                                                             "conversation",
                                                             "prompt"};

const Abilities& able() {
  static const Abilities kAbilities{.dialect = "openai-responses",
                                    .stops_max = 0,
                                    .logprobs = true,
                                    .top_logprobs_max = 20,
                                    .efforts = openai_efforts(),
                                    .service_tiers = openai_tiers(),
                                    .parallel_tool_calls = true,
                                    .json_object = true,
                                    .json_schema = true,
                                    .images = true,
                                    .system_anywhere = true,
                                    .own_keys = kResponsesOwnKeys};
  return kAbilities;
}

absl::Status check_message(const v1::Message& message, const std::string& place) {
  if (!message.name().empty()) return field_error(place + ".name", "openai-responses has no such field");
  if (!message.reasoning_content().empty())
    return field_error(place + ".reasoning_content", "openai-responses takes no reasoning text back");
  if (message.role() == "tool" && message.tool_call_id().empty())
    return field_error(place + ".tool_call_id", "expected the id of the call that this answers");
  if (message.role() != "assistant" && !message.tool_calls_json().empty())
    return field_error(place + ".tool_calls", "expected of an assistant only");
  if (message.role() != "assistant") return absl::OkStatus();
  if (const auto parts = read_parts(message); parts.ok())
    for (const Part& part : *parts)
      if (part.kind != Part::Kind::kText) return field_error(place + ".content", "an assistant's is text only");
  if (const auto calls = read_tool_calls(message.tool_calls_json()); calls.ok())
    for (const ToolCall& call : *calls)
      if (call.id.empty()) return field_error(place + ".tool_calls", "expected an id of every call");
  return absl::OkStatus();
}

}  // namespace

const Abilities& OpenAiResponses::abilities(const v1::Teacher&) const {
  return able();
}

absl::Status OpenAiResponses::check(const v1::Teacher& teacher, const v1::Prompt& prompt,
                                    const v1::Sampling& sampling) const {
  if (absl::Status status = VendorDialect::check(teacher, prompt, sampling); !status.ok()) return status;
  bool asked = false;
  for (int i = 0; i < prompt.messages_size(); ++i) {
    asked |= !is_system(prompt.messages(i));
    if (absl::Status status = check_message(prompt.messages(i), absl::StrCat("messages[", i, "]")); !status.ok())
      return status;
  }
  if (!asked) return field_error("messages", "expected one that is no system message");
  const auto format = read_response_format(sampling.response_format_json());
  if (format.ok() && format->kind == ResponseFormat::Kind::kJsonSchema && format->name.empty())
    return field_error("response_format.json_schema.name", "expected a name");
  const std::array<SharedKey, 3> shared{{{"reasoning", "reasoning_effort", !sampling.reasoning_effort().empty()},
                                         {"text", "response_format", !sampling.response_format_json().empty()},
                                         {"include", "top_logprobs", sampling.has_top_logprobs()}}};
  return check_said_once(shared, sampling);
}

HttpRequest OpenAiResponses::encode(const v1::Teacher& teacher, const QueryView& query) const {
  return json_request("/responses", responses_body(teacher.model(), query), query.stream);
}

const BatchInterface* OpenAiResponses::batches(const v1::Teacher&) const {
  static const OpenAiBatches kBatches("/v1/responses");
  return &kBatches;
}

Outcome OpenAiResponses::read_answer(const JsonBody& body, bool waits) const {
  return read_responses_answer(body, waits);
}

Outcome OpenAiResponses::read_stream(std::string_view body, size_t slack) const {
  return read_responses_stream(body, slack);
}

}  // namespace harvest::dialect
