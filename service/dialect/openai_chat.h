#pragma once

#include "service/dialect/dialect.h"

namespace harvest::dialect {

/// `openai-chat`: POST /chat/completions as OpenAI defined it and vLLM, SGLang, llama.cpp, TGI, OpenRouter, DeepSeek,
/// Groq, Together and Mistral speak it, each with deviations of its own. Unstreamed. Stateless: one object serves all
/// lanes.
///
/// The story in files: openai_chat_check (what cannot be said) → openai_chat_request (query → body) →
/// openai_chat_answer (200 → choices), error_outcome (everything else → closed outcomes), limit_headers.
class OpenAiChat final : public Dialect {
 public:
  std::string_view name() const override { return "openai-chat"; }
  std::string_view vendor() const override { return "openai"; }
  absl::Status check(const v1::Prompt& prompt, const v1::Sampling& sampling) const override;
  HttpRequest encode(const v1::Teacher& teacher, const QueryView& query) const override;
  Outcome decode(const HttpExchange& exchange, int64_t utc_us) const override;
  absl::StatusOr<Outcome> decode_stored(std::string_view raw) const override;
  std::pair<std::string, std::string> authorization(std::string_view key) const override;
};

}  // namespace harvest::dialect
