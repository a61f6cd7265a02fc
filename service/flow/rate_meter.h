#pragma once

#include <algorithm>
#include <chrono>

namespace harvest::flow {

/// A smoothed rate per second over about the last ten seconds; the plain mean while it is younger, because a rate
/// smoothed up from zero would show a false ETA. Pure.
class RateMeter {
 public:
  void add(double n) { pending_ += n; }

  /// Called a few times a second; the first call starts the clock.
  void tick(std::chrono::nanoseconds now) {
    const double seconds = std::chrono::duration<double>(now - last_).count();
    const bool first = last_.count() == 0;
    if (!first && seconds <= 0) return;
    last_ = now;
    if (first) return;
    age_s_ += seconds;
    rate_ += (pending_ / seconds - rate_) * std::min(1.0, seconds / std::min(age_s_, kHorizonS));
    pending_ = 0;
  }
  double per_second() const { return rate_; }

 private:
  static constexpr double kHorizonS = 10;
  std::chrono::nanoseconds last_{};
  double age_s_ = 0;
  double pending_ = 0;
  double rate_ = 0;
};

}  // namespace harvest::flow
