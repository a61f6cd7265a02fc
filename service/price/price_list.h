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

namespace harvest::price {

/// What a token of each kind costs, in picodollars (1 USD per million tokens = 1,000,000 picodollars per token).
struct Rates {
  int64_t input = 0;
  int64_t cached_input = 0;
  int64_t cache_write = 0;
  int64_t cache_write_long = 0;
  int64_t output = 0;
  int64_t reasoning = 0;

  /// Each kind of input and output at its rate; v1::Usage says which figures are parts of which.
  int64_t cost(const v1::Usage& usage) const;
  /// A bound on it, whatever kinds these tokens turn out to be.
  int64_t cost_max(int64_t input_tokens_max, int64_t output_tokens_max) const;
};

/// How a call is billed, beside its tokens.
struct Billing {
  std::string_view route;         ///< batch; empty: online
  std::string_view service_tier;  ///< as asked for, or as the vendor says it was; empty: neither
};

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
  /// The bound that is reserved before sending. A vendor may serve a call under its plain tier instead of the one asked
  /// for, and input may or may not come to pass a threshold: the dearest of these.
  int64_t cost_max(int64_t input_tokens_max, int64_t output_tokens_max, Billing billing) const;

 private:
  struct Special {
    std::string route, service_tier;
    int64_t above_input_tokens = 0;
    Rates rates;
  };
  const Rates& rates(int64_t input_tokens, Billing billing) const;

  bool free_ = false;
  Rates plain_;
  std::vector<Special> special_;  // the last that holds counts
};

}  // namespace harvest::price
