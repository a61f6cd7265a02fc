#include "service/price/price_list.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "service/price/price_text.h"

namespace harvest::price {
namespace {

/// Each kind at its price, or at that of the kind it falls back to.
absl::StatusOr<Rates> plain_rates(const v1::Prices& prices) {
  Rates rates;
  const auto texts = price_texts(prices);
  for (size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].text->empty()) {
      if (kTokenKinds[i].otherwise != nullptr) rates.*texts[i].rate = rates.*kTokenKinds[i].otherwise;
      continue;
    }
    auto price = read_price(texts[i]);
    if (!price.ok()) return price.status();
    rates.*texts[i].rate = *price;
  }
  return rates;
}

/// Words by which the vendor is left to choose.
bool leaves_the_choice(std::string_view service_tier) {
  return service_tier.empty() || service_tier == "auto";
}

}  // namespace

bool is_plain_tier(std::string_view service_tier) {
  constexpr std::array<std::string_view, 6> kPlain{"", "auto", "default", "standard", "standard_only", "on_demand"};
  return std::find(kPlain.begin(), kPlain.end(), service_tier) != kPlain.end();
}

absl::StatusOr<PriceList> PriceList::of(const v1::Prices& prices) {
  PriceList list;
  list.free_ = prices.free();
  if (list.free_) return list;
  if (prices.input_usd_per_mtok().empty() || prices.output_usd_per_mtok().empty())
    return absl::InvalidArgumentError(
        "no prices: an unknown price is not zero; give input_usd_per_mtok and output_usd_per_mtok, or `prices: free`");
  auto plain = plain_rates(prices);
  if (!plain.ok()) return plain.status();
  list.plain_ = *plain;
  for (int i = 0; i < prices.special_size(); ++i) {
    auto special = SpecialRates::of(prices.special(i), list.plain_);
    if (!special.ok()) return absl::InvalidArgumentError(absl::StrCat("special[", i, "].", special.status().message()));
    list.special_.push_back(*std::move(special));
  }
  return list;
}

bool PriceList::knows(std::string_view service_tier) const {
  return free_ || is_plain_tier(service_tier) ||
         std::any_of(special_.begin(), special_.end(),
                     [&](const SpecialRates& special) { return special.service_tier() == service_tier; });
}

std::optional<int64_t> PriceList::cost(const v1::Usage& usage, Billing billing) const {
  // The name that Anthropic has for the tier of its batches: what they cost is said by the route.
  if (billing.route == "batch" && billing.service_tier == "batch") billing.service_tier = {};
  if (!knows(billing.service_tier)) return std::nullopt;
  return combined(plain_, special_, static_cast<int64_t>(usage.input_tokens()), billing).cost(usage);
}

bool PriceList::batch_is_cheaper(std::string_view service_tier) const {
  constexpr uint64_t kMany = 1'000'000;  // tokens: each price counts
  v1::Usage usage;
  usage.set_input_tokens(kMany);
  usage.set_output_tokens(kMany);
  const std::optional<int64_t> batch = cost(usage, {.route = "batch", .service_tier = ""});
  const std::optional<int64_t> online = cost(usage, {.route = "", .service_tier = service_tier});
  return batch && online && *batch < *online;
}

int64_t PriceList::cost_max(int64_t input_tokens_max, int64_t output_tokens_max, Billing billing) const {
  const auto dearest = [&](std::string_view tier) {
    const auto most_at = [&](int64_t input_tokens) {
      return combined(plain_, special_, input_tokens, {.route = billing.route, .service_tier = tier})
          .cost_max(input_tokens_max, output_tokens_max);
    };
    int64_t most = most_at(0);
    for (const SpecialRates& special : special_)
      if (special.above_input_tokens() > 0 && special.above_input_tokens() < input_tokens_max)
        most = std::max(most, most_at(special.above_input_tokens() + 1));
    return most;
  };
  int64_t most = std::max(dearest(billing.service_tier), dearest(""));
  // A batch has no tier but its own.
  if (billing.route.empty() && leaves_the_choice(billing.service_tier))
    for (const SpecialRates& special : special_)
      if (!special.service_tier().empty()) most = std::max(most, dearest(special.service_tier()));
  return most;
}

}  // namespace harvest::price
