#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace harvest::limit {

/// How values from 1 up are distributed of late, on a log scale of 16 steps an octave: quantiles err by 5 % at most.
/// Each value makes all earlier ones weigh less by 1 / 250, so a median follows a change in 170 values, a p90 in some
/// 600.
///
/// A value may be cut off: it is that much at least. It counts among those that got so far and among none that ended
/// (the product-limit estimate, Kaplan and Meier 1958):
///
///     S(b) = product over the steps up to b of 1 - ended / (all that got so far)
///
/// A quantile beyond the last value that ended has no value: nobody has seen it. Pure. Some bytes per step, up to the
/// largest value seen.
class TokenHistogram {
 public:
  /// Requires a value of 1 or more.
  void add(int64_t value, bool cut_off = false);
  /// How many were added, ever.
  int64_t count() const { return count_; }
  /// `share` from 0 to 1. None: beyond what was seen.
  std::optional<int64_t> quantile(double share) const;

 private:
  struct Step {
    float ended = 0, cut_off = 0;
  };
  std::vector<Step> steps_;
  double weight_ = 1;  ///< of the next value: grows, instead of all others shrinking
  int64_t count_ = 0;
};

}  // namespace harvest::limit
