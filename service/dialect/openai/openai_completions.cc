#include "service/dialect/openai/openai_completions.h"

#include <array>

#include "service/dialect/field_error.h"
#include "service/dialect/openai/openai_batches.h"
#include "service/dialect/openai/openai_completions_answer.h"
#include "service/dialect/openai/openai_completions_request.h"
#include "service/dialect/openai/openai_completions_stream.h"

namespace harvest::dialect {
namespace {

// echo would put the prompt into the answer, best_of pays for answers that are thrown away.
constexpr std::array<std::string_view, 16> kCompletionsOwnKeys{"model",
                                                               "prompt",
                                                               "temperature",
                                                               "top_p",
                                                               "frequency_penalty",
                                                               "presence_penalty",
                                                               "seed",
                                                               "stop",
                                                               "logprobs",
                                                               "n",
                                                               "best_of",
                                                               "max_tokens",
                                                               "echo",
                                                               "stream",
                                                               "stream_options",
                                                               "use_beam_search"};

constexpr Abilities kOpenAiAbilities{.dialect = "openai-completions",
                                     .seed = true,
                                     .penalties = true,
                                     .logprobs = true,
                                     .top_logprobs_max = 5,
                                     .choices_max = 128,
                                     .tools = false,
                                     .own_keys = kCompletionsOwnKeys};

constexpr Abilities kVllmAbilities = [] {
  Abilities abilities = kOpenAiAbilities;
  abilities.top_k = true;
  abilities.stops_max = 128;
  abilities.top_logprobs_max = 1'000'000;  // the server's --max-logprobs decides
  return abilities;
}();

}  // namespace

const Abilities& OpenAiCompletions::abilities(const v1::Teacher& teacher) const {
  return teacher.profile() == "vllm" ? kVllmAbilities : kOpenAiAbilities;
}

absl::Status OpenAiCompletions::check(const v1::Teacher& teacher, const v1::Prompt& prompt,
                                      const v1::Sampling& sampling) const {
  if (absl::Status status = VendorDialect::check(teacher, prompt, sampling); !status.ok()) return status;
  const v1::Message& message = prompt.messages(0);
  if (message.role() != "user")
    return field_error("messages[0].role",
                       "found " + message.role() + "; a completion model has no roles: expected one user message");
  if (prompt.messages_size() > 1)
    return field_error("messages[1]", "a completion model has no turns: expected one user message");
  if (!message.parts_json().empty()) return field_error("messages[0].content", "expected plain text");
  if (!message.name().empty()) return field_error("messages[0].name", "a completion model has no names");
  if (!message.tool_calls_json().empty() || !message.tool_call_id().empty())
    return field_error("messages[0].tool_calls", "a completion model has no tools");
  if (!message.reasoning_content().empty())
    return field_error("messages[0].reasoning_content", "expected plain text only");
  return absl::OkStatus();
}

HttpRequest OpenAiCompletions::encode(const v1::Teacher& teacher, const QueryView& query) const {
  return json_request("/completions", completions_body(teacher.model(), query), query.stream);
}

const BatchInterface* OpenAiCompletions::batches(const v1::Teacher& teacher) const {
  static const OpenAiBatches kBatches("/v1/completions");
  return teacher.profile() == "vllm" ? nullptr : &kBatches;
}

Outcome OpenAiCompletions::read_answer(const JsonBody& body, bool waits) const {
  return read_completions_answer(body, waits);
}

Outcome OpenAiCompletions::read_stream(std::string_view body, size_t slack) const {
  return read_completions_stream(body, slack);
}

}  // namespace harvest::dialect
