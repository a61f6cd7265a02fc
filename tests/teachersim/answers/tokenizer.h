#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// The stand-in's tokenizer, exact and simple: a text of B bytes has ceil(B / 4) tokens, and token i is the bytes
/// [4i, 4i + 4). So a text never has more tokens than bytes: bytes are a true bound for reservations.
namespace teachersim {

inline constexpr std::int64_t kBytesPerToken = 4;
/// What the frame of one message (role, separators) costs. A client may bound it by 16.
inline constexpr std::int64_t kTokensPerMessage = 4;

inline std::int64_t tokens_in(std::string_view text) {
  return (static_cast<std::int64_t>(text.size()) + kBytesPerToken - 1) / kBytesPerToken;
}

/// The longest prefix of at most `tokens` tokens that does not cut a UTF-8 character.
std::string_view first_tokens(std::string_view text, std::int64_t tokens);

}  // namespace teachersim
