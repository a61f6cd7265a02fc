#include "tests/teachersim/bill.h"

#include <algorithm>
#include <cctype>

namespace teachersim {

bool parse_price(const std::string& text, std::int64_t& picodollars_per_token) {
  constexpr int kDecimals = 6;
  constexpr std::size_t kLongest = 12;  // 99999.999999 USD per million tokens
  std::int64_t value = 0;
  int decimals = -1;  // none seen yet
  if (text.empty() || text.size() > kLongest || text == ".") return false;
  for (const char c : text) {
    if (c == '.' && decimals < 0) {
      decimals = 0;
      continue;
    }
    if (!std::isdigit(static_cast<unsigned char>(c)) || decimals == kDecimals) return false;
    value = value * 10 + (c - '0');
    if (decimals >= 0) ++decimals;
  }
  for (int i = std::max(decimals, 0); i < kDecimals; ++i) value *= 10;
  picodollars_per_token = value;
  return true;
}

std::string usd(std::int64_t picodollars) {
  constexpr std::int64_t kDollar = 1'000'000'000'000;
  std::string fraction = std::to_string(kDollar + picodollars % kDollar);
  fraction[0] = '.';
  return std::to_string(picodollars / kDollar) + fraction;
}

}  // namespace teachersim
