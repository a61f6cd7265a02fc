#include "service/price/special_rates.h"

#include <algorithm>
#include <array>
#include <limits>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "service/price/price_text.h"

namespace harvest::price {
namespace {

/// rate × special / plain, rounded up; where the plain price is nothing, the dearer of the two.
int64_t scaled(int64_t rate, int64_t special, int64_t plain) {
  if (plain == 0) return std::max(rate, special);
  const absl::int128 product = (absl::int128(rate) * special + plain - 1) / plain;
  return static_cast<int64_t>(std::min<absl::int128>(product, std::numeric_limits<int64_t>::max()));
}

}  // namespace

absl::StatusOr<SpecialRates> SpecialRates::of(const v1::SpecialPrices& prices, const Rates& plain) {
  SpecialRates special;
  special.route_ = prices.route();
  special.service_tier_ = prices.service_tier();
  special.above_input_tokens_ = static_cast<int64_t>(prices.above_input_tokens());
  for (const PriceText& text : price_texts(prices)) {
    if (text.text->empty()) continue;
    auto price = read_price(text);
    if (!price.ok()) return price.status();
    special.rates_.*text.rate = *price;
    special.said_.*text.rate = kStated;
  }
  // A special price for input alone changes the prices of its kinds in the same measure.
  for (const TokenKind& kind : kTokenKinds) {
    if (kind.otherwise == nullptr || special.says(kind.rate) || !special.says(kind.otherwise)) continue;
    special.rates_.*kind.rate = scaled(plain.*kind.rate, special.rates_.*kind.otherwise, plain.*kind.otherwise);
    special.said_.*kind.rate = kFollows;
  }
  return special;
}

bool SpecialRates::holds(int64_t input_tokens, Billing billing) const {
  return (route_.empty() || route_ == billing.route) &&
         (service_tier_.empty() || service_tier_ == billing.service_tier) &&
         (above_input_tokens_ == 0 || input_tokens > above_input_tokens_);
}

bool SpecialRates::within(const SpecialRates& other) const {
  return (other.route_.empty() || other.route_ == route_) &&
         (other.service_tier_.empty() || other.service_tier_ == service_tier_) &&
         other.above_input_tokens_ <= above_input_tokens_;
}

Rates combined(const Rates& plain, std::span<const SpecialRates> all, int64_t input_tokens, Billing billing) {
  Rates result = plain;
  for (const TokenKind& kind : kTokenKinds) {
    const auto counts = [&](const SpecialRates& special) {
      return special.says(kind.rate) && special.holds(input_tokens, billing);
    };
    bool follows = false;
    for (size_t i = 0; i < all.size(); ++i) {
      if (!counts(all[i])) continue;
      bool replaced = false;
      for (size_t k = 0; k < all.size() && !replaced; ++k)
        replaced = k != i && counts(all[k]) && all[k].within(all[i]) && (k > i || !all[i].within(all[k]));
      if (replaced) continue;
      result.*kind.rate = scaled(result.*kind.rate, all[i].rates_.*kind.rate, plain.*kind.rate);
      follows |= all[i].said_.*kind.rate == SpecialRates::kFollows;
    }
    // Whether the vendor keeps a discount of this kind under such a price is not known: it may cost as its whole.
    if (follows) result.*kind.rate = std::max(result.*kind.rate, result.*kind.otherwise);
  }
  return result;
}

}  // namespace harvest::price
