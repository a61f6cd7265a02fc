#pragma once

#include "tests/teachersim/dialects/chat_request.h"

namespace teachersim {

/// OpenAI's POST …/chat/completions, as the many servers that imitate it speak it. An answer is a pure function of the
/// seed and the request; only `id` and `created` come from the stamp.
class ChatCompletions : public Dialect {
 public:
  explicit ChatCompletions(const AnswerShape& shape);

  bool speaks(std::string_view path) const override;
  std::variant<std::unique_ptr<Question>, Trouble> read(std::string_view body) const override;
  Answer answer(const Question& question, const Stamp& stamp) const override;
  Reply reply(const Trouble& trouble) const override;
  std::string limit_headers(limits::Limits& limits, limits::Time now) const override;

 private:
  const AnswerShape shape_;
  std::string fingerprint_;
};

}  // namespace teachersim
