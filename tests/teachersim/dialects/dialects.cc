#include "tests/teachersim/dialects/dialects.h"

#include <cassert>

#include "tests/teachersim/dialects/anthropic_messages.h"
#include "tests/teachersim/dialects/azure_chat.h"
#include "tests/teachersim/dialects/bedrock.h"
#include "tests/teachersim/dialects/canned.h"
#include "tests/teachersim/dialects/chat_completions.h"
#include "tests/teachersim/dialects/cohere.h"
#include "tests/teachersim/dialects/gemini.h"
#include "tests/teachersim/dialects/ollama.h"
#include "tests/teachersim/dialects/openai_completions.h"
#include "tests/teachersim/dialects/openai_responses.h"

namespace teachersim {

std::vector<std::unique_ptr<Dialect>> all_dialects(const AnswerShape& shape, bool canned, const Manners& manners) {
  const ChatVendor* vendor = find_chat_vendor(manners.vendor);
  assert(vendor != nullptr);
  const bool strict = manners.strict_parameters;
  std::vector<std::unique_ptr<Dialect>> dialects;
  if (canned) dialects.push_back(std::make_unique<Canned>(shape));
  dialects.push_back(std::make_unique<ChatCompletions>(shape, *vendor, strict));
  dialects.push_back(std::make_unique<AzureChat>(shape, strict));
  dialects.push_back(std::make_unique<OpenAiResponses>(shape));
  dialects.push_back(std::make_unique<OpenAiCompletions>(shape, *vendor, false));
  dialects.push_back(std::make_unique<OpenAiCompletions>(shape, *find_chat_vendor("azure"), true));
  dialects.push_back(std::make_unique<AnthropicMessages>(shape));
  dialects.push_back(std::make_unique<Gemini>(shape, Gemini::Door::kGeminiApi));
  dialects.push_back(std::make_unique<Gemini>(shape, Gemini::Door::kVertex));
  dialects.push_back(std::make_unique<Bedrock>(shape, manners.aws_keys));
  dialects.push_back(std::make_unique<Cohere>(shape));
  dialects.push_back(std::make_unique<Ollama>(shape));
  return dialects;
}

}  // namespace teachersim
