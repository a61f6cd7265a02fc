#include "tests/teachersim/dialects/plain_text.h"

#include <algorithm>

#include "tests/teachersim/answers/prose.h"
#include "tests/teachersim/answers/tokenizer.h"
#include "tests/teachersim/dialects/text_bytes.h"

namespace teachersim {

std::string text_of(const AnswerShape& shape, std::int64_t cap, Draw& draw) {
  const std::size_t bytes = text_bytes(shape, draw);
  switch (shape.says) {
    case AnswerShape::Says::kNothing:
      return {};
    case AnswerShape::Says::kTooMuch:
      return prose(draw, std::max(bytes, static_cast<std::size_t>((cap + 1) * kBytesPerToken)));
    case AnswerShape::Says::kSame: {
      Draw alike(mix(shape.seed));
      return prose(alike, static_cast<std::size_t>(shape.bytes_min));
    }
    case AnswerShape::Says::kUsual:
      break;
  }
  return prose(draw, bytes);
}

}  // namespace teachersim
