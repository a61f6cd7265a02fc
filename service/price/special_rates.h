#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "harvest/v1/teacher.pb.h"
#include "service/price/rates.h"

namespace harvest::price {

/// How a call is billed, beside its tokens.
struct Billing {
  std::string_view route;         ///< batch; empty: online
  std::string_view service_tier;  ///< as asked for, or as the vendor says it was; empty: neither
};

/// What calls cost that some conditions hold for. Immutable; any thread.
class SpecialRates {
 public:
  /// INVALID_ARGUMENT names the field.
  static absl::StatusOr<SpecialRates> of(const v1::SpecialPrices& prices, const Rates& plain);

  const std::string& service_tier() const { return service_tier_; }
  int64_t above_input_tokens() const { return above_input_tokens_; }
  bool holds(int64_t input_tokens, Billing billing) const;

 private:
  friend Rates combined(const Rates& plain, std::span<const SpecialRates> all, int64_t input_tokens, Billing billing);

  /// Do its conditions imply those of the other?
  bool within(const SpecialRates& other) const;
  bool says(int64_t Rates::*kind) const { return said_.*kind != kNothing; }

  static constexpr int64_t kNothing = 0, kFollows = 1, kStated = 2;

  std::string route_, service_tier_;
  int64_t above_input_tokens_ = 0;
  Rates rates_;
  Rates said_;  // of each kind: is it stated, does it follow from what is, or neither
};

/// What a call costs under all that hold for it, one kind of token after the other. Each is taken for what it makes of
/// the plain price, and they multiply: half by batch and double for a long input is the plain price. One that is within
/// another (a batch price for long inputs, a higher threshold; of two alike the later) stands in its stead. Products
/// are rounded up.
Rates combined(const Rates& plain, std::span<const SpecialRates> all, int64_t input_tokens, Billing billing);

}  // namespace harvest::price
