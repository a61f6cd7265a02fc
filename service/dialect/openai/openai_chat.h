#pragma once

#include "service/dialect/openai/openai_profile.h"
#include "service/dialect/vendor_dialect.h"

namespace harvest::dialect {

/// `openai-chat`: POST /chat/completions as OpenAI defined it and many servers speak it, each with deviations of its
/// own (openai_profile.h). Stateless: one object serves all lanes. Also the base of the vendors that speak it elsewhere
/// (azure_openai.h, mistral.h).
///
/// The story in files: abilities (what cannot be said) → openai_chat_request (query → body) → openai_chat_answer (200 →
/// choices), openai_chat_stream (events → choices; openai_answer and openai_stream are their frames), error_outcome
/// (everything else → closed outcomes), limit_headers; openai_batches (many queries at once).
class OpenAiChat : public VendorDialect {
 public:
  std::string_view name() const override { return "openai-chat"; }
  std::string_view vendor() const override { return "openai"; }
  std::vector<std::string_view> profiles() const override;
  std::string_view profile(const v1::Teacher& teacher) const override;
  const Abilities& abilities(const v1::Teacher& teacher) const final;
  absl::Status check(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling) const override;
  HttpRequest encode(const v1::Teacher& teacher, const QueryView& query) const override;
  /// OpenAI's own only: what others have under these paths is not known.
  const BatchInterface* batches(const v1::Teacher& teacher) const override;

 protected:
  /// In what this teacher's server deviates.
  virtual const OpenAiProfile& deviations(const v1::Teacher& teacher) const;
  LimitUnits limit_units(const v1::Teacher& teacher) const final { return deviations(teacher).limit_units; }
  Outcome read_answer(const JsonBody& body, bool waits) const override;
  Outcome read_stream(std::string_view body, size_t slack) const override;
};

}  // namespace harvest::dialect
