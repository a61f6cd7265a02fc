#pragma once

#include "service/dialect/vendor_dialect.h"

namespace harvest::dialect {

/// `gemini`: Google's generateContent, of its Developer API (profile `developer`) and of Vertex (`vertex`). They differ
/// in how the key is shown and in service tiers; the endpoint's host tells which it is.
///
/// The story in files: gemini_request and gemini_contents (query → body), gemini_answer (a response, or a piece of one
/// → choices) with gemini_slices, gemini_stream (pieces as server-sent events), gemini_errors and gemini_wait (what
/// went wrong, and until when). gemini_batches for many queries at once.
class Gemini final : public VendorDialect {
 public:
  std::string_view name() const override { return "gemini"; }
  std::string_view vendor() const override { return "gcp.gemini"; }
  std::vector<std::string_view> profiles() const override { return {"developer", "vertex"}; }
  std::string_view profile(const v1::Teacher& teacher) const override;
  const Abilities& abilities(const v1::Teacher& teacher) const override;
  absl::Status check(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling) const override;
  HttpRequest encode(const v1::Teacher& teacher, const QueryView& query) const override;
  /// Of the Developer API: Vertex takes its batches from buckets of its cloud.
  const BatchInterface* batches(const v1::Teacher& teacher) const override;
  /// x-goog-api-key; on Vertex, Authorization: Bearer.
  Credential credential(const v1::Teacher& teacher, std::string_view key) const override;

 protected:
  Outcome read_answer(const JsonBody& body, bool waits) const override;
  Outcome read_stream(std::string_view body, size_t slack) const override;
  Outcome read_failure(const HttpExchange& exchange, const JsonBody& body, bool waits) const override;
  std::optional<std::chrono::nanoseconds> read_wait(const HttpExchange& exchange, int64_t utc_us) const override;
};

}  // namespace harvest::dialect
