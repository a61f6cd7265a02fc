#pragma once

#include "tests/teachersim/dialects/wish.h"

namespace teachersim {

/// Cohere's POST /v2/chat.
class Cohere : public Dialect {
 public:
  explicit Cohere(const AnswerShape& shape) : shape_(shape) {}

  bool speaks(std::string_view path) const override { return path.ends_with("/v2/chat"); }
  std::variant<std::unique_ptr<Question>, Trouble> read(std::string_view body) const override;
  Answer answer(const Question& question, const Stamp& stamp) const override;
  Reply reply(const Trouble& trouble) const override;
  std::string error_event(const Trouble& trouble) const override;
  std::string limit_headers(limits::Limits& limits, const Moment& now) const override;
  std::string_view id_prefix() const override { return "cohere-"; }

 private:
  const AnswerShape shape_;
};

}  // namespace teachersim
