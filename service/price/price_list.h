#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "harvest/v1/answer.pb.h"
#include "harvest/v1/teacher.pb.h"
#include "service/price/rates.h"
#include "service/price/special_rates.h"

namespace harvest::price {

/// Is this a vendor's word for what every call gets? Such tiers cost the teacher's plain prices.
bool is_plain_tier(std::string_view service_tier);

/// A teacher's prices at one time: plain ones, and special ones for some calls. Immutable; any thread.
class PriceList {
 public:
  /// INVALID_ARGUMENT names the field where a price is no decimal, or is missing: an unknown price is not zero.
  static absl::StatusOr<PriceList> of(const v1::Prices& prices);

  /// Can a call under this tier be priced? Those that cost nothing can.
  bool knows(std::string_view service_tier) const;
  /// What an answer cost; none where it was billed under a tier that has no price here.
  std::optional<int64_t> cost(const v1::Usage& usage, Billing billing) const;
  /// The bound that is reserved before sending: the dearest of what may be billed. A vendor may serve a call under its
  /// plain tier instead of the one asked for, and one that names none (or `auto`) under any; input may or may not come
  /// to pass a threshold.
  int64_t cost_max(int64_t input_tokens_max, int64_t output_tokens_max, Billing billing) const;

  /// Does a call in a batch cost less than one online under this tier? False where one of them has no price.
  bool batch_is_cheaper(std::string_view service_tier) const;

 private:
  bool free_ = false;
  Rates plain_;
  std::vector<SpecialRates> special_;
};

}  // namespace harvest::price
