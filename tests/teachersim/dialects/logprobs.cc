#include "tests/teachersim/dialects/logprobs.h"

#include "tests/teachersim/answers/draw.h"
#include "tests/teachersim/answers/prose.h"
#include "tests/teachersim/answers/tokenizer.h"

namespace teachersim {

std::vector<TokenLogprob> logprobs_of(std::string_view text, const Wish& wish, const AnswerShape& shape,
                                      std::size_t choice) {
  Draw draw(mix(wish.key + mix(shape.seed + choice)));
  std::vector<TokenLogprob> entries;
  while (!text.empty()) {
    std::string_view token = first_tokens(text, 1);
    if (token.empty()) token = text;  // a character longer than a token
    text.remove_prefix(token.size());
    TokenLogprob entry{std::string(token), -0.5 * draw.share(), {}};
    for (int i = 0; i < wish.top_logprobs; ++i) {
      std::string other = i == 0 ? entry.token : phrase(draw).substr(0, 4);
      entry.top.push_back({std::move(other), entry.logprob - i * (0.7 + draw.share()), {}});
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::int64_t token_id(std::string_view token) {
  constexpr std::uint64_t kVocabulary = 128'000;
  return static_cast<std::int64_t>(hash_of(token) % kVocabulary);
}

}  // namespace teachersim
