#pragma once

#include <chrono>
#include <cmath>

namespace harvest::flow {

/// A smoothed rate per second over about the last ten seconds. Pure.
class RateMeter {
 public:
  void add(double n) { pending_ += n; }

  /// Called now and then (a few times a second).
  void tick(std::chrono::nanoseconds now) {
    if (last_.count() == 0) last_ = now;
    const double seconds = std::chrono::duration<double>(now - last_).count();
    if (seconds <= 0) return;
    last_ = now;
    observed_s_ += seconds;
    // While young, the plain mean: a smoothed rate that starts at zero would show a false ETA.
    const double horizon_s = observed_s_ < kHorizonS ? observed_s_ : kHorizonS;
    rate_ += (pending_ / seconds - rate_) * (1 - std::exp(-seconds / horizon_s));
    pending_ = 0;
  }
  double per_second() const { return rate_; }

 private:
  static constexpr double kHorizonS = 10;
  std::chrono::nanoseconds last_{};
  double observed_s_ = 0;
  double pending_ = 0;
  double rate_ = 0;
};

}  // namespace harvest::flow
