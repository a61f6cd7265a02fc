#pragma once

#include <string>
#include <vector>

#include "tests/teachersim/dialects/wish.h"

namespace teachersim {

/// What a teacher says to a wish, once: every vendor writes it down in its own way. Invariant: tokens <= the wish's cap
/// per choice.
struct Utterance {
  enum class End { kDone, kStopped, kCut, kToolCall, kRefused };

  std::string thinking;   // its tokens are thinking_tokens
  std::string text;       // empty for tool calls and refusals
  std::string tool;       // the name of the one that is called; empty: none
  std::string arguments;  // of the tool: the text of a JSON object
  std::string call_id;    // sixteen digits, for the vendor to prefix
  std::string stop;       // the stop sequence that ended the text
  End end = End::kDone;
  std::int64_t tokens = 0;  // thinking included
  std::int64_t thinking_tokens = 0;
};

/// All choices of an answer, a pure function of the seed and the question.
std::vector<Utterance> utter(const Wish& wish, const AnswerShape& shape, bool refuse);

/// What they cost together.
Usage usage_of(const Wish& wish, const AnswerShape& shape, const std::vector<Utterance>& utterances);

/// What a refusal costs and, with some vendors, says.
inline constexpr std::string_view kRefusal = "I'm sorry, but I can't help with that.";

}  // namespace teachersim
