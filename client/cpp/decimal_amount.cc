#include "client/cpp/decimal_amount.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "absl/strings/str_cat.h"
#include "proto/text/mistake.h"

namespace harvest::client {
namespace {

constexpr int kPicodollarDecimals = 12;
constexpr size_t kDigitsMax = 18;  // of picodollars, that an int64 surely holds

/// A decimal as digits × 10^exponent. False where it is none.
bool read_decimal(std::string_view text, std::string& digits, int& exponent) {
  const size_t e = std::min(text.find_first_of("eE"), text.size());
  if (e < text.size()) {
    std::string_view power = text.substr(e + 1);
    if (power.starts_with('+')) power.remove_prefix(1);
    const auto [stop, error] = std::from_chars(power.data(), power.data() + power.size(), exponent);
    if (error != std::errc() || stop != power.data() + power.size() || exponent > 1'000'000 || exponent < -1'000'000)
      return false;
  }
  const std::string_view mantissa = text.substr(0, e);
  const size_t point = std::min(mantissa.find('.'), mantissa.size());
  digits = mantissa.substr(0, point);
  if (point < mantissa.size()) {
    digits += mantissa.substr(point + 1);
    exponent -= static_cast<int>(mantissa.size() - point - 1);
  }
  return !digits.empty() && std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

absl::StatusOr<int64_t> decimal_amount(std::string_view decimal, int unit) {
  const auto wrong = [&](const char* expected) {
    return absl::InvalidArgumentError(
        absl::StrCat("found ", text::shown(std::string(decimal)), ", expected ", expected));
  };
  const bool negative = decimal.starts_with('-');
  std::string digits;
  int exponent = 0;
  if (!read_decimal(decimal.substr(negative ? 1 : 0), digits, exponent)) return wrong("an amount like 12.34");
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return 0;
  exponent += unit + kPicodollarDecimals;
  bool round_up = false;
  if (exponent < 0) {
    const auto dropped = static_cast<size_t>(-exponent);
    round_up = dropped <= digits.size() && digits[digits.size() - dropped] >= '5';
    digits.resize(digits.size() - std::min(dropped, digits.size()));
  } else if (digits.size() + static_cast<size_t>(exponent) <= kDigitsMax) {
    digits.append(static_cast<size_t>(exponent), '0');
  } else {
    return wrong("less than a million dollars");
  }
  if (digits.size() > kDigitsMax) return wrong("less than a million dollars");
  int64_t picodollars = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), picodollars);  // digits alone, that fit
  if (round_up) ++picodollars;
  return negative ? -picodollars : picodollars;
}

}  // namespace harvest::client
