#pragma once

#include "tests/teachersim/dialects/wish.h"

namespace teachersim {

/// Ollama's POST /api/chat: streams lines of JSON unless it is told not to.
class Ollama : public Dialect {
 public:
  explicit Ollama(const AnswerShape& shape) : shape_(shape) {}

  bool speaks(std::string_view path) const override { return path.ends_with("/api/chat"); }
  std::variant<std::unique_ptr<Question>, Trouble> read(std::string_view body) const override;
  Answer answer(const Question& question, const Stamp& stamp) const override;
  Reply reply(const Trouble& trouble) const override;
  std::string error_event(const Trouble& trouble) const override { return reply(trouble).body + "\n"; }
  std::string_view id_prefix() const override { return "ollama-"; }

 private:
  const AnswerShape shape_;
};

}  // namespace teachersim
