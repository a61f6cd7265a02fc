#pragma once

#include "service/dialect/vendor_dialect.h"

namespace harvest::dialect {

/// `openai-responses`: POST /responses, OpenAI's newer face. One answer a request; no stop texts, no seed. Nothing is
/// left behind at the vendor (`store: false`), and every request states all of its turns.
///
/// The story in files: openai_responses_request and openai_responses_input (query → body), openai_responses_answer (the
/// response object → choice), openai_responses_stream (typed events → the response object in the last of them).
class OpenAiResponses final : public VendorDialect {
 public:
  std::string_view name() const override { return "openai-responses"; }
  std::string_view vendor() const override { return "openai"; }
  const Abilities& abilities(const v1::Teacher& teacher) const override;
  absl::Status check(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling) const override;
  HttpRequest encode(const v1::Teacher& teacher, const QueryView& query) const override;
  const BatchInterface* batches(const v1::Teacher& teacher) const override;

 protected:
  Outcome read_answer(const JsonBody& body, bool waits) const override;
  Outcome read_stream(std::string_view body, size_t slack) const override;
};

}  // namespace harvest::dialect
