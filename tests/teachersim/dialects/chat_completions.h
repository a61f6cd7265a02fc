#pragma once

#include "tests/teachersim/dialects/chat_request.h"
#include "tests/teachersim/dialects/chat_vendor.h"

namespace teachersim {

/// OpenAI's POST …/chat/completions, as one of the many vendors that imitate it speaks it. An answer is a pure function
/// of the seed and the request; only `id` and `created` come from the stamp.
class ChatCompletions : public Dialect {
 public:
  /// As OpenAI. With `strict`, fields that the vendor does not know are refused.
  explicit ChatCompletions(const AnswerShape& shape, const ChatVendor& vendor = *find_chat_vendor("openai"),
                           bool strict = false);

  bool speaks(std::string_view path) const override;
  std::variant<std::unique_ptr<Question>, Trouble> read(std::string_view body) const override;
  Answer answer(const Question& question, const Stamp& stamp) const override;
  Reply reply(const Trouble& trouble) const override;
  std::string error_in_200(const Trouble& trouble) const override;
  std::string limit_headers(limits::Limits& limits, const Moment& now) const override;

 protected:
  /// `model` takes the place of the body's where a path names it.
  std::variant<std::unique_ptr<Question>, Trouble> read_body(std::string_view body, std::string_view model) const;

 private:
  void dress(Answer& answer, const ChatRequest& request, const Stamp& stamp) const;

  const AnswerShape shape_;
  const ChatVendor& vendor_;
  const bool strict_;
};

}  // namespace teachersim
