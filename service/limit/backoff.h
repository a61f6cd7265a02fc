#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "service/limit/demand.h"

namespace harvest::limit {

/// What 429s do to a teacher whose limits we thought we knew: everything holds until Retry-After (at most 10 minutes),
/// and the paced rate falls to 0.8 of itself. Each window without a new 429 gives back 2 % of the configured rate. The
/// 429s of attempts that were sent before the last cut are its echo, and those that come before anything was admitted
/// again are more of the same: they prolong the hold and cut nothing.
///
/// Where no Retry-After is told, one attempt goes alone after a second: the others follow once it has come back, or has
/// been gone for a second, since vendors refuse at once. Where it is refused, the next one goes after a quarter of the
/// time that the trouble has lasted, a second to ten minutes: the end of any window is met to a quarter, at one 429 for
/// each try instead of all that would leave meanwhile. A try in a long trouble is given up to five seconds to be
/// refused in: one that was only late would let all the others go. Pure; owned by the Limiter.
class Backoff {
 public:
  static constexpr Instant kHoldMax = std::chrono::minutes(10);

  void set_window(Instant window) { window_ = window; }

  enum class Refusal {
    kNews,
    kMore,  ///< of one that was sent after the last cut, but nothing has been admitted since
    kEcho,
  };
  Refusal throttled(std::optional<Instant> retry_after, std::optional<Instant> sent_at, Instant now);
  void sent(Instant now);
  /// An attempt came back with anything but a 429.
  void passed(Instant sent_at, Instant now);
  /// An earlier run was told to wait until then.
  void hold(Instant until) { hold_until_ = std::max(hold_until_, until); }
  /// An earlier run was left with this share of its limits.
  void restore(int64_t ratio_ppm, Instant now);
  /// Nothing is given back before then.
  void settle_until(Instant when) { clean_since_ = std::max(clean_since_, when); }
  /// Gives back what the clean windows up to `now` have earned.
  void recover(Instant now);

  Instant hold_until() const { return hold_until_; }
  int64_t ratio_ppm() const { return ratio_ppm_; }

 private:
  static constexpr Instant kLongAgo = std::chrono::hours(24 * 365);
  Instant window_ = std::chrono::seconds(60);
  Instant hold_until_ = Instant::min();
  Instant cut_at_ = -kLongAgo;
  Instant clean_since_{};
  Instant trouble_cut_at_ = -kLongAgo;  ///< the last one that was news
  bool admitted_ = true;                ///< something that was sent since then, before the last cut or after
  Instant trouble_since_ = -kLongAgo;   ///< the cut that nothing has been admitted since
  bool next_alone_ = false;             ///< the next one is a try
  Instant tried_at_ = Instant::max();   ///< the last try, while nothing is known of it
  int64_t ratio_ppm_ = 1'000'000;
};

}  // namespace harvest::limit
