#pragma once

#include <array>
#include <cstdint>

#include "harvest/v1/answer.pb.h"

namespace harvest::price {

/// What a token of each kind costs, in picodollars (1 USD per million tokens = 1,000,000 picodollars per token).
struct Rates {
  int64_t input = 0;
  int64_t cached_input = 0;
  int64_t cache_write = 0;
  int64_t cache_write_long = 0;
  int64_t output = 0;
  int64_t reasoning = 0;

  /// Each kind of input and output at its rate; v1::Usage says which figures are parts of which.
  int64_t cost(const v1::Usage& usage) const;
  /// A bound on it, whatever kinds these tokens turn out to be.
  int64_t cost_max(int64_t input_tokens_max, int64_t output_tokens_max) const;
};

/// A kind of token, and the kind whose price it has where it has none of its own.
struct TokenKind {
  int64_t Rates::*rate;
  int64_t Rates::*otherwise;  ///< null: must be stated
};
/// Each kind after the one that it falls back to.
inline constexpr std::array<TokenKind, 6> kTokenKinds{{{&Rates::input, nullptr},
                                                       {&Rates::cached_input, &Rates::input},
                                                       {&Rates::cache_write, &Rates::input},
                                                       {&Rates::cache_write_long, &Rates::cache_write},
                                                       {&Rates::output, nullptr},
                                                       {&Rates::reasoning, &Rates::output}}};

}  // namespace harvest::price
