#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "service/limit/demand.h"

namespace harvest::limit {

/// What 429s do to a teacher whose limits we thought we knew: everything holds until Retry-After (at most 10 minutes;
/// without one, 1 s doubling to 60 s), and the paced rate falls to 0.8 of itself. Each window without a new 429 gives
/// back 2 % of the configured rate. The 429s of attempts that were sent before the last cut are its echo: they prolong
/// the hold and cut nothing. Pure; owned by the Limiter.
class Backoff {
 public:
  static constexpr Instant kHoldMax = std::chrono::minutes(10);

  void set_window(Instant window) { window_ = window; }

  /// True when this is a new event and not the echo of one.
  bool throttled(std::optional<Instant> retry_after, std::optional<Instant> sent_at, Instant now);
  /// Nothing is given back before then.
  void settle_until(Instant when) { clean_since_ = std::max(clean_since_, when); }
  /// Gives back what the clean windows up to `now` have earned.
  void recover(Instant now);

  Instant hold_until() const { return hold_until_; }
  int64_t ratio_ppm() const { return ratio_ppm_; }

 private:
  Instant window_ = std::chrono::seconds(60);
  Instant hold_until_ = Instant::min();
  Instant cut_at_ = Instant::min();
  Instant clean_since_{};
  Instant next_hold_ = std::chrono::seconds(1);
  int64_t ratio_ppm_ = 1'000'000;
};

}  // namespace harvest::limit
