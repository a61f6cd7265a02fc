#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace harvest::text {

/// Dollars as text, exactly. Inside, money is int64 picodollars (1e-12 USD): a price per million tokens with up to six
/// decimals is a whole number of them per token, and int64 holds nine million dollars. Nothing is booked in floating
/// point. Pure; any thread; errors are INVALID_ARGUMENT and say what was found and expected.

constexpr int64_t kPicodollarsPerDollar = 1'000'000'000'000;

/// For gauges, logs and reckoning about; never for booking.
constexpr double dollars_of(int64_t picodollars) {
  return static_cast<double>(picodollars) / static_cast<double>(kPicodollarsPerDollar);
}

/// "12.34", "0.000000000001", "5": digits with at most one point and at most 12 decimals. No sign, exponent or symbol.
absl::StatusOr<int64_t> parse_usd(std::string_view dollars);

/// USD per million tokens → picodollars per token. More than six decimals (trailing zeros aside) are not representable.
absl::StatusOr<int64_t> parse_usd_per_mtok(std::string_view dollars);

/// Exact, at least two decimals, no needless zeros: "12.34", "0.00", "0.000000000001", "-1.50".
std::string format_usd(int64_t picodollars);

/// For people: cents from one dollar on, four significant digits below, "<0.000001" at the bottom; never "0.00" for
/// something that was spent.
std::string format_usd_short(int64_t picodollars);

}  // namespace harvest::text
