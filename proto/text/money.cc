#include "proto/text/money.h"

#include <limits>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "proto/text/mistake.h"

namespace harvest::text {
namespace {

constexpr int kPicoDecimals = 12;
constexpr int kMtokDecimals = 6;  // 1e12 picodollars / 1e6 tokens
constexpr size_t kDecimalBytes = 64;

/// The decimal times 10^decimals, exactly, or an error.
absl::StatusOr<int64_t> parse_scaled(std::string_view text, int decimals) {
  const auto wrong = [text](std::string_view expected) {
    return absl::InvalidArgumentError(absl::StrCat("found ", shown(std::string(text)), ", expected ",
                                                   absl::string_view(expected.data(), expected.size())));
  };
  if (text.empty() || text.size() > kDecimalBytes) {
    return wrong("dollars as a decimal like 0.15");
  }
  int64_t value = 0;
  int digits = 0;
  int places = -1;  // digits after the point; -1: no point yet
  for (const char c : text) {
    if (c == '.' && places < 0 && digits > 0) {
      places = 0;
      continue;
    }
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      return wrong("dollars as a decimal like 0.15");
    }
    ++digits;
    if (places >= decimals) {
      if (c != '0') {
        return wrong(absl::StrCat("at most ", decimals, " decimals"));
      }
      continue;
    }
    places += places >= 0 ? 1 : 0;
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, c - '0', &value)) {
      return wrong("less than nine million dollars");
    }
  }
  if (places == 0 && text.back() == '.') {
    return wrong("dollars as a decimal like 0.15");
  }
  for (int i = places < 0 ? 0 : places; i < decimals; ++i) {
    if (__builtin_mul_overflow(value, 10, &value)) {
      return wrong("less than nine million dollars");
    }
  }
  return value;
}

}  // namespace

absl::StatusOr<int64_t> parse_usd(std::string_view dollars) {
  return parse_scaled(dollars, kPicoDecimals);
}

absl::StatusOr<int64_t> parse_usd_per_mtok(std::string_view dollars) {
  return parse_scaled(dollars, kMtokDecimals);
}

std::string format_usd(int64_t picodollars) {
  // Unsigned, so that the smallest int64 has a magnitude too.
  const uint64_t magnitude =
      picodollars < 0 ? 0 - static_cast<uint64_t>(picodollars) : static_cast<uint64_t>(picodollars);
  const uint64_t unit = kPicodollarsPerDollar;
  std::string decimals = absl::StrFormat("%012u", magnitude % unit);
  while (decimals.size() > 2 && decimals.back() == '0') {
    decimals.pop_back();
  }
  return absl::StrCat(picodollars < 0 ? "-" : "", magnitude / unit, ".", decimals);
}

std::string format_usd_short(int64_t picodollars) {
  if (picodollars < 0) {
    return picodollars == std::numeric_limits<int64_t>::min() ? format_usd(picodollars)
                                                              : absl::StrCat("-", format_usd_short(-picodollars));
  }
  if (picodollars == 0 || picodollars >= kPicodollarsPerDollar) {
    const int64_t cent = kPicodollarsPerDollar / 100;
    // Rounded to the nearest cent without overflow at the top.
    const int64_t cents = picodollars / cent + (picodollars % cent >= cent / 2 ? 1 : 0);
    return absl::StrFormat("%d.%02d", cents / 100, cents % 100);
  }
  if (picodollars < kPicodollarsPerDollar / 1'000'000) {
    return "<0.000001";
  }
  // Keep four significant digits of what lies below a dollar.
  int64_t unit = 1;
  while (picodollars / unit >= 10'000) {
    unit *= 10;
  }
  return format_usd((picodollars + unit / 2) / unit * unit);
}

}  // namespace harvest::text
