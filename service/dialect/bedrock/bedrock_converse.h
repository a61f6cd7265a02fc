#pragma once

#include "service/dialect/vendor_dialect.h"

namespace harvest::dialect {

/// `bedrock-converse`: AWS Bedrock's one face for the models of many makers, POST /model/{id}/converse and
/// /converse-stream. One answer a request; no seed, no logprobs. Model ids may be ARNs. What only one model knows goes
/// into extra_body's additionalModelRequestFields.
///
/// The story in files: bedrock_converse_check and bedrock_prompt_check (what is refused), bedrock_converse_request and
/// bedrock_content (query → body), bedrock_credential over sigv4 (a key → signature or header), bedrock_message (blocks
/// → choice), bedrock_converse_answer (the whole body), bedrock_converse_stream over event_stream (binary events),
/// bedrock_errors (exceptions → outcome).
class BedrockConverse final : public VendorDialect {
 public:
  std::string_view name() const override { return "bedrock-converse"; }
  std::string_view vendor() const override { return "aws.bedrock"; }
  const Abilities& abilities(const v1::Teacher& teacher) const override;
  absl::Status check(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling) const override;
  HttpRequest encode(const v1::Teacher& teacher, const QueryView& query) const override;
  Credential credential(const v1::Teacher& teacher, std::string_view key) const override;

 protected:
  Outcome read_answer(const JsonBody& body, bool waits) const override;
  bool is_stream(std::string_view body) const override;
  Outcome read_stream(std::string_view body, size_t slack) const override;
  Outcome read_failure(const HttpExchange& exchange, const JsonBody& body, bool waits) const override;
  std::string_view request_id(const HttpExchange& exchange) const override;
};

}  // namespace harvest::dialect
