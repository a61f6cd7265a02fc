#pragma once

#include "tests/teachersim/dialects/dialect.h"

namespace teachersim {

/// Anthropic's POST /v1/messages. One choice, no seed, no logprobs; refusals tell a category ("[sim:refuse:bio]").
class AnthropicMessages : public Dialect {
 public:
  explicit AnthropicMessages(const AnswerShape& shape) : shape_(shape) {}

  bool speaks(std::string_view path) const override;
  Identity identify(const Call& call) const override;
  std::variant<std::unique_ptr<Question>, Trouble> read(const Call& call) const override;
  Answer answer(const Question& question, const Stamp& stamp) const override;
  Reply reply(const Trouble& trouble) const override;
  std::string error_event(const Trouble& trouble) const override;
  std::string limit_headers(limits::Limits& limits, const Moment& now) const override;
  std::string_view id_prefix() const override { return "msg_"; }
  std::string_view id_header() const override { return "request-id"; }

 private:
  const AnswerShape shape_;
};

}  // namespace teachersim
