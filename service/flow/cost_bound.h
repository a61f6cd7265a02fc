#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "service/limit/permit.h"

namespace harvest::flow {

/// A call that cost more than what was reserved for it: the vendor gave more than the cap that was sent, or counts
/// what we do not know of.
inline bool is_overbilled(const limit::Permit& permit, const limit::Actual& actual) {
  return !actual.at_risk && !actual.unprocessed && actual.cost_picodollars > permit.reserved.cost_picodollars;
}

/// How much more than its reckoned bound a teacher's call may cost, as its bills have told since the service began. A
/// cap is kept by bounds alone, so one that did not hold is raised before the next call is reserved.
class CostBound {
 public:
  int64_t of(int64_t reckoned_picodollars) const {
    return ratio_ == 1 ? reckoned_picodollars
                       : static_cast<int64_t>(std::ceil(static_cast<double>(reckoned_picodollars) * ratio_));
  }

  /// Hears of a call that was overbilled.
  void broken_by(const limit::Permit& permit, const limit::Actual& actual, limit::Instant now) {
    // Bounds of nothing (a free teacher) cannot be raised by a factor.
    if (permit.reserved.cost_picodollars <= 0) return;
    const double needed =
        static_cast<double>(actual.cost_picodollars) / static_cast<double>(permit.reserved.cost_picodollars);
    // Those that were reserved before the last rise were reserved by what held then.
    const double ratio = std::min(needed * (permit.taken_at >= raised_at_ ? ratio_ : ratio_before_), kRatioMax);
    if (ratio <= ratio_) return;
    ratio_before_ = std::exchange(ratio_, ratio);
    raised_at_ = now;
  }

  double ratio() const { return ratio_; }

 private:
  static constexpr double kRatioMax = 1000;

  double ratio_ = 1, ratio_before_ = 1;
  limit::Instant raised_at_{};
};

}  // namespace harvest::flow
