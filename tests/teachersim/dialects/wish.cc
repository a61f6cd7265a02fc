#include "tests/teachersim/dialects/wish.h"

#include <algorithm>

#include "tests/teachersim/answers/draw.h"
#include "tests/teachersim/answers/tokenizer.h"

namespace teachersim {

void Wish::count(std::string_view text) {
  input_tokens += tokens_in(text);
}

std::uint64_t key_of(std::string_view model, const boost::json::object& body,
                     std::initializer_list<std::string_view> shaping) {
  std::uint64_t key = hash_of(model);
  for (const std::string_view name : shaping) {
    if (const boost::json::value* field = body.if_contains(name))
      key = hash_of(boost::json::serialize(*field), hash_of(name, key));
  }
  return key;
}

std::int64_t thinking_tokens(const AnswerShape& shape, std::int64_t budget) {
  constexpr std::int64_t kALittle = 32;
  return std::min(shape.reasoning_tokens > 0 ? shape.reasoning_tokens : kALittle, budget);
}

}  // namespace teachersim
