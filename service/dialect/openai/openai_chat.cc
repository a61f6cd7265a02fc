#include "service/dialect/openai/openai_chat.h"

#include <array>

#include "service/dialect/openai/openai_batches.h"
#include "service/dialect/openai/openai_chat_answer.h"
#include "service/dialect/openai/openai_chat_request.h"
#include "service/dialect/openai/openai_chat_stream.h"

namespace harvest::dialect {

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
