#pragma once

#include "service/dialect/openai/openai_chat.h"

namespace harvest::dialect {

/// `mistral`: La Plateforme's chat completions: OpenAI's with `random_seed`, thinking as content chunks, flat errors
/// and limit headers of its own. No logprobs.
class Mistral final : public OpenAiChat {
 public:
  std::string_view name() const override { return "mistral"; }
  std::string_view vendor() const override { return "mistral_ai"; }
  std::vector<std::string_view> profiles() const override { return {}; }
  std::string_view profile(const v1::Teacher& teacher) const override { return teacher.profile(); }
  const BatchInterface* batches(const v1::Teacher& teacher) const override;
  absl::Status check(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling) const override;

 protected:
  const OpenAiProfile& deviations(const v1::Teacher& teacher) const override;
  Outcome read_failure(const HttpExchange& exchange, const JsonBody& body, bool waits) const override;
};

}  // namespace harvest::dialect
