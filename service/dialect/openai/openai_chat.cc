#include "service/dialect/openai/openai_chat.h"

#include <array>
#include <utility>

#include "service/dialect/field_error.h"
#include "service/dialect/openai/openai_batches.h"
#include "service/dialect/openai/openai_chat_answer.h"
#include "service/dialect/openai/openai_chat_request.h"
#include "service/dialect/openai/openai_chat_stream.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

/// {"thinking": {"type": "disabled"}}
bool disables_thinking(std::string_view extra_body) {
  const JsonBody extra(extra_body);
  dom::object thinking;
  return extra.is_object() && object_at(extra.object(), "thinking", thinking) &&
         string_at(thinking, "type") == "disabled";
}

/// A server that thinks unless told not to (DeepSeek), and while it does ignores how to sample in silence.
absl::Status check_sampling_is_heard(const v1::Sampling& sampling) {
  const std::array<std::pair<std::string_view, bool>, 4> given{{{"temperature", sampling.has_temperature()},
                                                                {"top_p", sampling.has_top_p()},
                                                                {"frequency_penalty", sampling.has_frequency_penalty()},
                                                                {"presence_penalty", sampling.has_presence_penalty()}}};
  if (sampling.reasoning_effort() == "none" || disables_thinking(sampling.extra_body_json())) return absl::OkStatus();
  for (const auto& [field, is_given] : given)
    if (is_given) return field_error(field, "ignored while deepseek thinks; reasoning_effort none turns thinking off");
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string_view> OpenAiChat::profiles() const {
  std::vector<std::string_view> names;
  for (const OpenAiProfile& profile : openai_profiles()) names.push_back(profile.name);
  return names;
}

std::string_view OpenAiChat::profile(const v1::Teacher& teacher) const {
  return openai_profile(teacher).name;
}

const Abilities& OpenAiChat::abilities(const v1::Teacher& teacher) const {
  return deviations(teacher).abilities;
}

const OpenAiProfile& OpenAiChat::deviations(const v1::Teacher& teacher) const {
  return openai_profile(teacher);
}

absl::Status OpenAiChat::check(const v1::Teacher& teacher, const v1::Prompt& prompt,
                               const v1::Sampling& sampling) const {
  if (absl::Status status = VendorDialect::check(teacher, prompt, sampling); !status.ok()) return status;
  const bool effort = !sampling.reasoning_effort().empty(), budget = sampling.has_reasoning_budget_tokens();
  using Reasoning = OpenAiProfile::Reasoning;
  const Reasoning reasoning = deviations(teacher).reasoning;
  if (reasoning == Reasoning::kObject && effort && budget)
    return field_error("reasoning_budget_tokens", "given beside reasoning_effort, openrouter takes one of them");
  if (reasoning == Reasoning::kThinkingToo)
    if (absl::Status status = check_sampling_is_heard(sampling); !status.ok()) return status;
  const std::array<SharedKey, 4> shared{{{"random_seed", "seed", sampling.has_seed()},
                                         {"thinking_token_budget", "reasoning_budget_tokens", budget},
                                         {"reasoning", "reasoning_effort", effort || budget},
                                         {"thinking", "reasoning_effort", effort}}};
  return check_said_once(shared, sampling);
}

HttpRequest OpenAiChat::encode(const v1::Teacher& teacher, const QueryView& query) const {
  return json_request("/chat/completions", chat_body(deviations(teacher), teacher.model(), query), query.stream);
}

const BatchInterface* OpenAiChat::batches(const v1::Teacher& teacher) const {
  static const OpenAiBatches kBatches("/v1/chat/completions");
  return profile(teacher) == "openai" ? &kBatches : nullptr;
}

Outcome OpenAiChat::read_answer(const JsonBody& body, bool waits) const {
  return read_chat_answer(body, waits);
}

Outcome OpenAiChat::read_stream(std::string_view body, size_t slack) const {
  return read_chat_stream(body, slack);
}

}  // namespace harvest::dialect
