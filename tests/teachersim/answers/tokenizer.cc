#include "tests/teachersim/answers/tokenizer.h"

namespace teachersim {

std::string_view first_tokens(std::string_view text, std::int64_t tokens) {
  if (tokens_in(text) <= tokens) return text;
  auto end = static_cast<std::size_t>(tokens * kBytesPerToken);
  auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80; };
  while (end > 0 && continues(end)) --end;
  return text.substr(0, end);
}

}  // namespace teachersim
