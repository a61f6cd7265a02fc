#include "service/price/price_list.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "proto/text/money.h"

namespace harvest::price {
namespace {

/// A price as written; what it falls back to where it is left out.
absl::Status read(std::string_view field, const std::string& text, int64_t otherwise, int64_t& into) {
  into = otherwise;
  if (text.empty()) return absl::OkStatus();
  auto price = text::parse_usd_per_mtok(text);
  if (!price.ok()) return absl::InvalidArgumentError(absl::StrCat(std::string(field), ": ", price.status().message()));
  into = *price;
  return absl::OkStatus();
}

/// Prices and SpecialPrices name their fields alike. `plain`: what a special price falls back to.
template <typename Message>
absl::StatusOr<Rates> read_rates(const Message& prices, const Rates* plain) {
  Rates rates;
  const auto either = [&](const std::string& stated, int64_t Rates::*kind, int64_t otherwise) {
    return plain != nullptr && stated.empty() ? plain->*kind : otherwise;
  };
  absl::Status status = read("input_usd_per_mtok", prices.input_usd_per_mtok(), plain ? plain->input : 0, rates.input);
  status.Update(read("output_usd_per_mtok", prices.output_usd_per_mtok(), plain ? plain->output : 0, rates.output));
  // A special price for input alone is one for its kinds too, unless they are priced by themselves.
  status.Update(read("cached_input_usd_per_mtok", prices.cached_input_usd_per_mtok(),
                     either(prices.input_usd_per_mtok(), &Rates::cached_input, rates.input), rates.cached_input));
  status.Update(read("cache_write_usd_per_mtok", prices.cache_write_usd_per_mtok(),
                     either(prices.input_usd_per_mtok(), &Rates::cache_write, rates.input), rates.cache_write));
  const bool writes = !prices.input_usd_per_mtok().empty() || !prices.cache_write_usd_per_mtok().empty();
  status.Update(read("cache_write_long_usd_per_mtok", prices.cache_write_long_usd_per_mtok(),
                     plain != nullptr && !writes ? plain->cache_write_long : rates.cache_write,
                     rates.cache_write_long));
  status.Update(read("reasoning_usd_per_mtok", prices.reasoning_usd_per_mtok(),
                     either(prices.output_usd_per_mtok(), &Rates::reasoning, rates.output), rates.reasoning));
  if (!status.ok()) return status;
  return rates;
}

int64_t tokens(uint64_t count) {
  return static_cast<int64_t>(count);
}

}  // namespace

int64_t Rates::cost(const v1::Usage& usage) const {
  // Parts never make more than the whole, whatever a vendor reports.
  int64_t plain_input = tokens(usage.input_tokens());
  const auto part = [&plain_input](uint64_t count) {
    const int64_t taken = std::min(plain_input, tokens(count));
    plain_input -= taken;
    return taken;
  };
  const int64_t written_long = part(usage.cache_write_long_tokens());
  const int64_t written = part(usage.cache_write_tokens());
  const int64_t cached = part(usage.cached_input_tokens());
  const int64_t thought = std::min(tokens(usage.output_tokens()), tokens(usage.reasoning_tokens()));
  return plain_input * input + cached * cached_input + written * cache_write + written_long * cache_write_long +
         (tokens(usage.output_tokens()) - thought) * output + thought * reasoning;
}

int64_t Rates::cost_max(int64_t input_tokens_max, int64_t output_tokens_max) const {
  return input_tokens_max * std::max({input, cached_input, cache_write, cache_write_long}) +
         output_tokens_max * std::max(output, reasoning);
}

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
  auto plain = read_rates(prices, nullptr);
  if (!plain.ok()) return plain.status();
  list.plain_ = *plain;
  for (int i = 0; i < prices.special_size(); ++i) {
    const v1::SpecialPrices& special = prices.special(i);
    auto rates = read_rates(special, &list.plain_);
    if (!rates.ok()) return absl::InvalidArgumentError(absl::StrCat("special[", i, "].", rates.status().message()));
    list.special_.push_back({.route = special.route(),
                             .service_tier = special.service_tier(),
                             .above_input_tokens = tokens(special.above_input_tokens()),
                             .rates = *rates});
  }
  return list;
}

const Rates& PriceList::rates(int64_t input_tokens, Billing billing) const {
  for (auto special = special_.rbegin(); special != special_.rend(); ++special) {
    const bool holds = (special->route.empty() || special->route == billing.route) &&
                       (special->service_tier.empty() || special->service_tier == billing.service_tier) &&
                       (special->above_input_tokens == 0 || input_tokens > special->above_input_tokens);
    if (holds) return special->rates;
  }
  return plain_;
}

bool PriceList::knows(std::string_view service_tier) const {
  return free_ || is_plain_tier(service_tier) ||
         std::any_of(special_.begin(), special_.end(),
                     [&](const Special& special) { return special.service_tier == service_tier; });
}

std::optional<int64_t> PriceList::cost(const v1::Usage& usage, Billing billing) const {
  if (!knows(billing.service_tier)) return std::nullopt;
  return rates(tokens(usage.input_tokens()), billing).cost(usage);
}

int64_t PriceList::cost_max(int64_t input_tokens_max, int64_t output_tokens_max, Billing billing) const {
  const auto dearest = [&](Billing tier) {
    int64_t most = rates(0, tier).cost_max(input_tokens_max, output_tokens_max);
    for (const Special& special : special_) {
      if (special.above_input_tokens == 0 || special.above_input_tokens >= input_tokens_max) continue;
      most = std::max(most, rates(special.above_input_tokens + 1, tier).cost_max(input_tokens_max, output_tokens_max));
    }
    return most;
  };
  return std::max(dearest(billing), dearest({.route = billing.route, .service_tier = ""}));
}

}  // namespace harvest::price
