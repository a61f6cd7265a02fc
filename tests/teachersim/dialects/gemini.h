#pragma once

#include "tests/teachersim/dialects/dialect.h"

namespace teachersim {

/// Google's POST …/models/{model}:generateContent and :streamGenerateContent, behind one of its two doors: the Gemini
/// API (…/v1beta/models/…, x-goog-api-key) or Vertex (…/publishers/google/models/…, a bearer token).
class Gemini : public Dialect {
 public:
  enum class Door { kGeminiApi, kVertex };
  Gemini(const AnswerShape& shape, Door door) : shape_(shape), vertex_(door == Door::kVertex) {}

  bool speaks(std::string_view path) const override;
  Identity identify(const Call& call) const override;
  std::variant<std::unique_ptr<Question>, Trouble> read(const Call& call) const override;
  Answer answer(const Question& question, const Stamp& stamp) const override;
  Reply reply(const Trouble& trouble) const override;
  std::string error_event(const Trouble& trouble) const override;
  std::string_view id_prefix() const override { return "gen-"; }

 private:
  const AnswerShape shape_;
  const bool vertex_;
};

}  // namespace teachersim
