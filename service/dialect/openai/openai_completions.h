#pragma once

#include "service/dialect/vendor_dialect.h"

namespace harvest::dialect {

/// `openai-completions`: POST /completions, which goes on with a text; base models have nothing else. A query is one
/// user message of plain text: there are no roles, turns or tools, and none is imitated by a template of ours.
///
/// Profile `vllm`: as its servers take it, with top_k and as many logprobs as they allow.
class OpenAiCompletions final : public VendorDialect {
 public:
  std::string_view name() const override { return "openai-completions"; }
  std::string_view vendor() const override { return "openai"; }
  std::vector<std::string_view> profiles() const override { return {"openai", "vllm"}; }
  const Abilities& abilities(const v1::Teacher& teacher) const override;
  absl::Status check(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling) const override;
  HttpRequest encode(const v1::Teacher& teacher, const QueryView& query) const override;
  const BatchInterface* batches(const v1::Teacher& teacher) const override;

 protected:
  Outcome read_answer(const JsonBody& body, bool waits) const override;
  Outcome read_stream(std::string_view body, size_t slack) const override;
};

}  // namespace harvest::dialect
