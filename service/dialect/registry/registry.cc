// Every dialect, one line each. To add one: write a class behind dialect.h, and its line here.
#include "service/dialect/registry/registry.h"

#include <algorithm>
#include <array>

#include "service/dialect/anthropic/anthropic_messages.h"
#include "service/dialect/bedrock/bedrock_converse.h"
#include "service/dialect/cohere/cohere.h"
#include "service/dialect/gemini/gemini.h"
#include "service/dialect/ollama/ollama.h"
#include "service/dialect/openai/azure_openai.h"
#include "service/dialect/openai/mistral.h"
#include "service/dialect/openai/openai_chat.h"
#include "service/dialect/openai/openai_completions.h"
#include "service/dialect/openai/openai_responses.h"

namespace harvest::dialect {
namespace {

const OpenAiChat kOpenAiChat;
const AzureOpenAi kAzureOpenAi;
const Mistral kMistral;
const OpenAiCompletions kOpenAiCompletions;
const OpenAiResponses kOpenAiResponses;
const AnthropicMessages kAnthropicMessages;
const Gemini kGemini;
const BedrockConverse kBedrockConverse;
const Ollama kOllama;
const CohereV2 kCohereV2;

const std::array<const Dialect*, 10> kDialects{
    &kOpenAiChat, &kAzureOpenAi,     &kMistral, &kOpenAiCompletions, &kOpenAiResponses, &kAnthropicMessages,
    &kGemini,     &kBedrockConverse, &kOllama,  &kCohereV2,
};

}  // namespace

const Dialect* find_dialect(std::string_view name) {
  const auto found =
      std::find_if(kDialects.begin(), kDialects.end(), [&](const Dialect* dialect) { return dialect->name() == name; });
  return found == kDialects.end() ? nullptr : *found;
}

std::vector<std::string_view> dialects() {
  std::vector<std::string_view> names;
  for (const Dialect* dialect : kDialects) names.push_back(dialect->name());
  return names;
}

}  // namespace harvest::dialect
