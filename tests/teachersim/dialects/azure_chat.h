#pragma once

#include "tests/teachersim/dialects/chat_completions.h"

namespace teachersim {

/// Azure OpenAI's POST /openai/deployments/{deployment}/chat/completions?api-version=…: the deployment is the model.
class AzureChat : public ChatCompletions {
 public:
  AzureChat(const AnswerShape& shape, bool strict) : ChatCompletions(shape, *find_chat_vendor("azure"), strict) {}

  bool speaks(std::string_view path) const override;
  std::variant<std::unique_ptr<Question>, Trouble> read(const Call& call) const override;
};

/// Nothing is found without the version of the API.
Trouble no_api_version();

}  // namespace teachersim
