#pragma once

#include "service/dialect/vendor_dialect.h"

namespace harvest::dialect {

/// `anthropic-messages`: POST /v1/messages. One answer a request; no seed, no logprobs, no penalties; an output cap is
/// always stated. The endpoint may be given with its /v1 or without.
///
/// The story in files: anthropic_abilities (what may be asked), turns (messages → user and assistant in turn),
/// anthropic_content (turns → blocks), anthropic_request (query → body), anthropic_message (blocks → the one choice,
/// and usage), anthropic_answer and anthropic_stream (how a message arrives), anthropic_errors. anthropic_batches for
/// many queries at once.
class AnthropicMessages final : public VendorDialect {
 public:
  std::string_view name() const override { return "anthropic-messages"; }
  std::string_view vendor() const override { return "anthropic"; }
  const Abilities& abilities(const v1::Teacher& teacher) const override;
  absl::Status check(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling) const override;
  HttpRequest encode(const v1::Teacher& teacher, const QueryView& query) const override;
  const BatchInterface* batches(const v1::Teacher& teacher) const override;
  /// x-api-key.
  Credential credential(const v1::Teacher& teacher, std::string_view key) const override;

 protected:
  Outcome read_answer(const JsonBody& body, bool waits) const override;
  Outcome read_stream(std::string_view body, size_t slack) const override;
  Outcome read_failure(const HttpExchange& exchange, const JsonBody& body, bool waits) const override;
  /// A spend limit states the day on which it ends, in words.
  std::optional<std::chrono::nanoseconds> read_wait(const HttpExchange& exchange, int64_t utc_us) const override;
};

}  // namespace harvest::dialect
