#include "tests/teachersim/dialects/dialects.h"

#include "tests/teachersim/dialects/anthropic_messages.h"
#include "tests/teachersim/dialects/canned.h"
#include "tests/teachersim/dialects/chat_completions.h"
#include "tests/teachersim/dialects/gemini.h"

namespace teachersim {

std::vector<std::unique_ptr<Dialect>> all_dialects(const AnswerShape& shape, bool canned) {
  std::vector<std::unique_ptr<Dialect>> dialects;
  if (canned) dialects.push_back(std::make_unique<Canned>(shape));
  dialects.push_back(std::make_unique<ChatCompletions>(shape));
  dialects.push_back(std::make_unique<AnthropicMessages>(shape));
  dialects.push_back(std::make_unique<Gemini>(shape, Gemini::Door::kGeminiApi));
  dialects.push_back(std::make_unique<Gemini>(shape, Gemini::Door::kVertex));
  return dialects;
}

}  // namespace teachersim
