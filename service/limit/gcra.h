#pragma once

#include <algorithm>
#include <cstdint>

#include "service/limit/demand.h"

namespace harvest::limit {

constexpr int64_t kMicro = 1'000'000;  ///< millionths that amounts are counted in

/// Paces one quantity so that no window of any enforcement model overflows: the generic cell rate algorithm.
///
///     rate  = (L - b) / (W + D)                   L per window W, D the spread of network delay, b the burst
///     ready = TAT - (b - n) / rate                TAT: theoretical arrival time, when all that was taken is paid off
///     by time take:   TAT = max(TAT, now) + n / rate
///
/// What is taken in any span T is at most rate * T + b, so L in W + D: that holds every fixed window, sliding log,
/// sliding counter (its worst estimate is rate * (W + D) + b as well) and bucket of L.
///
///     b = largest demand of late + L / 1000, at most L / 2
///
/// The thousandth makes up for timers that fire late: without it, lateness at b = n is rate lost for ever. The largest
/// demand is that of the last 10 to 20 windows, so that one huge prompt does not slow a teacher for good. When b grows,
/// the growth is charged once: the old, faster rate has already used what the larger burst would lend again. A demand
/// beyond b (the first of its size, or more than half a window's worth) waits for TAT + 2 (n - b) / rate, but not
/// longer than two spans after the last one, when nothing weighs on any counter any more: so the biggest prompts run
/// too. Of what is larger than a whole window, two spans for each that it would fill, up to a minute's; and it is paid
/// off before anything like it goes again.
///
/// Beside a book of all that was sent (window_book.h) that finds room for it in every window, more may go: by the whole
/// L / (W + D), b lent. Pacing is brought up for that as follows: by time t, with such sends, any span T held at most
/// L T / (W + D) + owed, owed = L (TAT' - t) / (W + D) of that faster clock TAT'; a TAT of t + (owed + b) / rate holds
/// every window from then on again, since what is sent at the rate gains b on the whole limit in each W + D.
///
/// Times are whole nanoseconds and amounts millionths, rounded to the safe side; nothing drifts. Pure; no clock.
class Gcra {
 public:
  /// `limit_micro` millionths per `window`; `jitter` is D. What is already taken stays taken.
  void shape(int64_t limit_micro, Instant window, Instant jitter);
  /// The limit that this one replaces was `before_micro` a window, lower: what is owed is paid off sooner by as much.
  void raised_from(int64_t before_micro, Instant now);
  /// The share of the rate that may be used, in millionths: 1'000'000 is all of it.
  void slow_to(int64_t ratio_ppm) { ratio_ppm_ = ratio_ppm; }

  /// So much of the window is reserved in flight and will be given back: the rate is (L - b - held) / (W + D)
  /// meanwhile.
  void hold_back(int64_t amount_micro) { held_micro_ = amount_micro; }

  /// The largest amount that was taken of late: what a vendor grants at once, no window of his is shorter than.
  int64_t largest_micro() const { return std::max(largest_micro_, largest_before_micro_); }
  /// An earlier run took so much at once.
  void restore_largest(int64_t amount, Instant now);

  /// When `amount` may be taken at the earliest; in the past when it may be taken now.
  Instant ready_at(int64_t amount) const;
  /// The same for a caller who has found room for it in a book of everything that was taken.
  Instant ready_beside_book_at(int64_t amount) const;
  /// Is b so much of L that the book is worth asking?
  bool coarse() const { return burst_micro_ > limit_micro_ / kFine; }
  void take(int64_t amount, Instant now);
  /// What was taken turned out larger (positive) or smaller (negative).
  void correct(int64_t amount);
  /// Nothing is in store: for a start after a run whose last second is unknown.
  void empty(Instant now);

 private:
  enum class Round { kUp, kDown };
  /// How long the rate takes to pay for it.
  int64_t span_of(__int128 amount_micro, Round round) const;
  /// How long the whole limit takes to pay for it.
  int64_t whole_span_of(__int128 amount_micro, Round round) const;
  /// `rate` in millionths of millionths per W + D.
  int64_t span_at(__int128 rate, __int128 amount_micro, Round round) const;
  void note_size(int64_t amount_micro, Instant now);
  void set_burst();

  static constexpr int64_t kFine =
      100;  ///< a hundredth of the limit lost is not worth the book's additions for each ask
  static constexpr int64_t kNever = -(int64_t{1} << 62);  ///< long before any `now`

  int64_t limit_micro_ = 0;
  int64_t burst_micro_ = 0;
  int64_t held_micro_ = 0;
  int64_t window_ns_ = 1;
  int64_t span_ns_ = 1;  ///< W + D
  int64_t ratio_ppm_ = 1'000'000;
  int64_t tat_ns_ = kNever;
  int64_t whole_tat_ns_ = kNever;  ///< the same, at the whole limit
  int64_t last_ns_ = kNever;       ///< when something was taken last

  int64_t largest_micro_ = 1'000'000;  ///< of the running epoch
  int64_t largest_before_micro_ = 1'000'000;
  int64_t epoch_ = 0;
};

}  // namespace harvest::limit
