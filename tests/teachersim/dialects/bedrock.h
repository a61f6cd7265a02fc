#pragma once

#include "tests/teachersim/dialects/sigv4.h"
#include "tests/teachersim/dialects/wish.h"

namespace teachersim {

/// Amazon Bedrock's POST /model/{modelId}/converse and /converse-stream, the latter in binary messages. Callers sign
/// with one of `keys` or bear an API key; without keys any signature is as good as none.
class Bedrock : public Dialect {
 public:
  Bedrock(const AnswerShape& shape, std::vector<AwsKey> keys) : shape_(shape), keys_(std::move(keys)) {}

  bool speaks(std::string_view path) const override;
  Identity identify(const Call& call) const override;
  std::variant<std::unique_ptr<Question>, Trouble> read(const Call& call) const override;
  Answer answer(const Question& question, const Stamp& stamp) const override;
  Reply reply(const Trouble& trouble) const override;
  std::string error_event(const Trouble& trouble) const override;
  std::string_view id_prefix() const override { return "bedrock-"; }
  std::string_view id_header() const override { return "x-amzn-requestid"; }

 private:
  const AnswerShape shape_;
  const std::vector<AwsKey> keys_;
};

}  // namespace teachersim
