#pragma once

#include <string>

#include "tests/teachersim/dialects/dialect.h"

namespace teachersim {

/// For benchmarks: every request to …/chat/completions gets the same prebuilt answer, unread but for whether it is to
/// be streamed. Limits, usage and the bill follow the prebuilt usage; the whole request body stands for the prompt in
/// the ledger, and markers are not looked for.
class Canned : public Dialect {
 public:
  explicit Canned(const AnswerShape& shape);

  bool speaks(std::string_view path) const override;
  std::variant<std::unique_ptr<Question>, Trouble> read(std::string_view body) const override;
  Answer answer(const Question& question, const Stamp& stamp) const override;
  Reply reply(const Trouble& trouble) const override;
  std::string error_in_200(const Trouble& trouble) const override;
  std::string limit_headers(limits::Limits& limits, limits::Time now) const override;

 private:
  const Answer whole_;
  const Answer streamed_;
};

}  // namespace teachersim
