#pragma once

#include "service/dialect/vendor_dialect.h"

namespace harvest::dialect {

/// `ollama`: POST /api/chat, Ollama's own face: sampling in `options`, streams of one JSON object a line, thinking
/// beside the text. One answer a request. (Its /v1 face is openai-chat's.)
///
/// The story in files: ollama_request and ollama_messages (query → body), ollama_answer (lines → choice),
/// ollama_slices (the bytes of what is kept verbatim).
class Ollama final : public VendorDialect {
 public:
  std::string_view name() const override { return "ollama"; }
  std::string_view vendor() const override { return "ollama"; }
  const Abilities& abilities(const v1::Teacher& teacher) const override;
  absl::Status check(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling) const override;
  HttpRequest encode(const v1::Teacher& teacher, const QueryView& query) const override;

 protected:
  Outcome read_answer(const JsonBody& body, bool waits) const override;
  /// A whole object on a line of its own begins a stream; an unstreamed answer has no line feed.
  bool is_stream(std::string_view body) const override;
  Outcome read_stream(std::string_view body, size_t slack) const override;
  /// A full queue is a 503.
  Outcome read_failure(const HttpExchange& exchange, const JsonBody& body, bool waits) const override;
};

}  // namespace harvest::dialect
