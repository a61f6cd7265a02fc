#pragma once

#include "tests/teachersim/dialects/dialect.h"

namespace teachersim {

/// OpenAI's POST …/responses. One choice, no stop sequences, no seed; unknown parameters are refused.
class OpenAiResponses : public Dialect {
 public:
  explicit OpenAiResponses(const AnswerShape& shape) : shape_(shape) {}

  bool speaks(std::string_view path) const override { return path.ends_with("/responses"); }
  std::variant<std::unique_ptr<Question>, Trouble> read(std::string_view body) const override;
  Answer answer(const Question& question, const Stamp& stamp) const override;
  Reply reply(const Trouble& trouble) const override;
  std::string error_event(const Trouble& trouble) const override;
  std::string limit_headers(limits::Limits& limits, limits::Time now) const override;
  std::string_view id_prefix() const override { return "resp_"; }

 private:
  const AnswerShape shape_;
};

}  // namespace teachersim
