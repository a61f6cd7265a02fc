#pragma once

#include "service/dialect/vendor_dialect.h"

namespace harvest::dialect {

/// `cohere-v2`: Cohere's POST /v2/chat. One answer a request; logprobs of the chosen tokens only, with their ids.
///
/// The story in files: cohere_request and cohere_messages (query → body), cohere_message (texts, thoughts, calls,
/// logprobs and usage, as both kinds of answers state them), cohere_answer (the whole object), cohere_stream (typed
/// events), cohere_slices (the bytes of logprobs).
class CohereV2 final : public VendorDialect {
 public:
  std::string_view name() const override { return "cohere-v2"; }
  std::string_view vendor() const override { return "cohere"; }
  const Abilities& abilities(const v1::Teacher& teacher) const override;
  absl::Status check(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling) const override;
  HttpRequest encode(const v1::Teacher& teacher, const QueryView& query) const override;

 protected:
  Outcome read_answer(const JsonBody& body, bool waits) const override;
  Outcome read_stream(std::string_view body, size_t slack) const override;
  Outcome read_failure(const HttpExchange& exchange, const JsonBody& body, bool waits) const override;
  /// A refused request is told the time of its limit's reset instead of a wait.
  std::optional<std::chrono::nanoseconds> read_wait(const HttpExchange& exchange, int64_t utc_us) const override;
};

}  // namespace harvest::dialect
