#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/teachersim/dialects/wish.h"

namespace teachersim {

/// How likely one token was, and what might have stood in its place.
struct TokenLogprob {
  std::string token;
  double logprob = 0;
  std::vector<TokenLogprob> top;  // the likeliest first; it begins with the token itself
};

/// One entry per token of a choice's text, a pure function of the seed and the question.
std::vector<TokenLogprob> logprobs_of(std::string_view text, const Wish& wish, const AnswerShape& shape,
                                      std::size_t choice);

/// A made-up id of a token in a made-up vocabulary.
std::int64_t token_id(std::string_view token);

}  // namespace teachersim
