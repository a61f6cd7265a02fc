#pragma once

#include <array>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "proto/text/money.h"
#include "service/price/rates.h"

namespace harvest::price {

/// A price as written, the field it stands in, and what it is the price of.
struct PriceText {
  std::string_view field;
  const std::string* text;
  int64_t Rates::*rate;
};

/// Prices and SpecialPrices name their fields alike.
template <typename Message>
std::array<PriceText, 6> price_texts(const Message& prices) {
  return {{{"input_usd_per_mtok", &prices.input_usd_per_mtok(), &Rates::input},
           {"cached_input_usd_per_mtok", &prices.cached_input_usd_per_mtok(), &Rates::cached_input},
           {"cache_write_usd_per_mtok", &prices.cache_write_usd_per_mtok(), &Rates::cache_write},
           {"cache_write_long_usd_per_mtok", &prices.cache_write_long_usd_per_mtok(), &Rates::cache_write_long},
           {"output_usd_per_mtok", &prices.output_usd_per_mtok(), &Rates::output},
           {"reasoning_usd_per_mtok", &prices.reasoning_usd_per_mtok(), &Rates::reasoning}}};
}

/// INVALID_ARGUMENT names the field.
inline absl::StatusOr<int64_t> read_price(const PriceText& written) {
  auto price = text::parse_usd_per_mtok(*written.text);
  if (price.ok()) return price;
  return absl::InvalidArgumentError(absl::StrCat(std::string(written.field), ": ", price.status().message()));
}

}  // namespace harvest::price
