#pragma once

#include <cstdint>
#include <optional>

#include "service/limit/demand.h"
#include "service/limit/feedback.h"
#include "service/limit/found_rates.h"
#include "service/limit/gcra.h"
#include "service/limit/window_book.h"

namespace harvest::limit {

constexpr int64_t kWindowSeconds = 60;  ///< that a figure per minute is enforced in, where nobody says otherwise

/// One per-minute dimension of a teacher: the pacing, the book of what weighs on the vendor's window, and what headers
/// say.
///
/// What pacing would make wait may go where the book shows room for it in every window: that is worth asking where
/// single amounts are a large part of the limit (gcra.h), and possible once the book knows all that may weigh.
///
/// The limit is the configured one; where none is configured, the one that the vendor's headers name; else what was
/// found out (rate_finder.h); else there is none and everything is ready. Headers may only tighten: where they leave
/// less than the book believes is left, no more than that is taken until the reset they name. Pure; owned by the
/// Limiter.
class PacedLimit {
 public:
  /// `per_minute` is enforced in shares of `window_seconds`. A share below 1 widens the window until it holds 1.
  void configure(std::optional<int64_t> per_minute, int64_t window_seconds, Instant jitter);
  bool limited() const { return per_minute_.has_value(); }
  /// By configuration or headers, not merely found.
  bool stated() const { return limited() && !assumed_; }
  /// Where nothing is stated: what was found, to be paced by like a stated limit. `sure`: of the window of 60 s too, so
  /// what was sent before weighs on it.
  void assume(int64_t per_minute, bool sure, Instant now);
  /// The vendor has granted at once more than what was found: that was too low, and what is owed by it is paid off
  /// sooner.
  void assume_granted(int64_t per_minute, Instant now);
  /// It was not that: nothing is known.
  void forget_assumed();
  /// A 429 came, of this limit for all we know: where the book says that there was room, the vendor enforces shorter
  /// windows than we believe. Twice, and the next shorter window is paced for, for a day; where the shortest does not
  /// help either, somebody shares the key, and the configured one is.
  void doubt_window(Instant now);
  int64_t window_seconds() const { return window_seconds_in_force_; }
  /// What is to be remembered of a stated limit.
  FoundRates::Stated found() const;
  /// An earlier run found that. What the configuration states now goes before.
  void restore(const FoundRates::Stated& found, Instant now);

  Instant ready_at(int64_t amount, Instant now) const;
  void take(int64_t amount, Instant now);
  /// The attempt that took `reserved` at `taken_at` really used `actual`.
  void settle(Instant taken_at, int64_t reserved, int64_t actual, Instant now);
  void learn(const Feedback::Window& header, Instant now);
  void slow_to(int64_t ratio_ppm) { gcra_.slow_to(ratio_ppm); }
  /// What was found begins with nothing in store then: its windows may be so short that what is lent breaks them.
  void lend_nothing_at(Instant when);
  /// The largest amount that was taken at once of late, rounded up by an eighth at most; 0 where it hardly weighs.
  int64_t largest() const;
  /// An earlier run took so much at once.
  void restore_largest(int64_t amount, Instant now);
  /// Starts with nothing in store (see Gcra::empty).
  void empty(Instant now);

  double utilization(Instant now) const;

 private:
  void pace_for(int64_t window_seconds, Instant now);
  void shape();
  void shape_book(Instant window);
  void hold_back(Instant now);
  Instant room_at(int64_t amount, Instant now) const;

  std::optional<int64_t> configured_;
  std::optional<int64_t> per_minute_;  ///< in force: configured, else learned
  bool assumed_ = false;               ///< per_minute_ was found, not stated
  bool window_sure_ = true;            ///< the book's window is the vendor's; of a found limit it may be another
  int64_t window_seconds_ = 60;
  int64_t window_seconds_in_force_ = 60;
  Instant shortened_at_{};  ///< where the window in force is shorter than the stated one
  int doubts_ = 0;          ///< 429s with room left, in a row of late
  Instant doubted_at_ = Instant::min();
  Instant jitter_{};

  Instant window_{};         ///< W
  int64_t limit_micro_ = 0;  ///< L of one window, in millionths
  Gcra gcra_;
  WindowBook book_;
  Instant taken_at_{-1};             ///< the last one
  Instant book_complete_from_{0};    ///< what was sent before the book was begun weighs no more
  Instant refunds_weigh_until_{-1};  ///< until then the book bounds as well; without refunds the pacing alone does

  int64_t outstanding_ = 0;  ///< reserved by attempts in flight
  double refund_share_ = 0;  ///< of a reservation that is given back, on average of late

  int64_t allowance_ = 0;  ///< what headers leave
  Instant allowance_until_{-1};
};

}  // namespace harvest::limit
