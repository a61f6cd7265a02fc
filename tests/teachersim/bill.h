#pragma once

#include <cstdint>
#include <string>

#include "tests/teachersim/dialects/dialect.h"

namespace teachersim {

/// Money is whole picodollars: one USD per million tokens is 1,000,000 picodollars per token, so prices with up to six
/// decimals are exact.
struct Prices {
  std::int64_t input = 0;   // picodollars per token
  std::int64_t cached = 0;  // per cached input token
  std::int64_t output = 0;  // per output token, reasoning included
};

inline std::int64_t cost_of(const Usage& usage, const Prices& prices) {
  return (usage.input_tokens - usage.cached_tokens) * prices.input + usage.cached_tokens * prices.cached +
         usage.output_tokens * prices.output;
}

/// "0.15" USD per million tokens → 150000. False unless it is a plain decimal with at most six decimals.
bool parse_price(const std::string& text, std::int64_t& picodollars_per_token);

/// 1234567 → "0.000001234567".
std::string usd(std::int64_t picodollars);

}  // namespace teachersim
