#pragma once

#include "tests/teachersim/dialects/chat_vendor.h"
#include "tests/teachersim/dialects/wish.h"

namespace teachersim {

/// A request to POST …/completions.
struct CompletionsRequest : Wish {
  std::vector<std::string> prompts;  // with `n` choices each
  bool echo = false;
  bool stream_usage = false;
};

/// OpenAI's older POST …/completions, also behind Azure's deployments; troubles and limits are worded as `vendor` does.
class OpenAiCompletions : public Dialect {
 public:
  OpenAiCompletions(const AnswerShape& shape, const ChatVendor& vendor, bool azure)
      : shape_(shape), vendor_(vendor), azure_(azure) {}

  bool speaks(std::string_view path) const override;
  std::variant<std::unique_ptr<Question>, Trouble> read(const Call& call) const override;
  Answer answer(const Question& question, const Stamp& stamp) const override;
  Reply reply(const Trouble& trouble) const override { return vendor_.reply(trouble); }
  std::string limit_headers(limits::Limits& limits, const Moment& now) const override {
    return vendor_.limit_headers(limits, now);
  }
  std::string_view id_prefix() const override { return "cmpl-"; }

 private:
  const AnswerShape shape_;
  const ChatVendor& vendor_;
  const bool azure_;
};

}  // namespace teachersim
