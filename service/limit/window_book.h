#pragma once

#include <array>
#include <cstdint>

#include "service/limit/demand.h"

namespace harvest::limit {

/// What weighs on the vendor's window right now, as far as we know: what was taken lately, at its reserved size until
/// it is settled and at its real size from then on.
///
/// Why beside the GCRA: a refund lets the GCRA send more at once, but the vendor's window may have begun after the
/// refunded attempt, and then it gives nothing back. The book knows which window an attempt belongs to. It also answers
/// how much of the last window was used.
///
/// With A(t) what was taken in the last t, a sliding counter at the share f of its window estimates at most
///
///     f * A(f W + D) + (1 - f) * A((1 + f) W + D)
///
/// whose largest value over f bounds every model: f = 1 is the exact log, and a fixed window never counts more than
/// that.
///
/// The same says what may go at once, whatever the pacing thinks of it: what keeps both sums, of every span that ends
/// now, within L has broken no window of any model. (A bucket of L has then given no more than L (1 + T / W) in any T.)
///
/// A ring of slots, 1/1024 of W + D each; an amount leaves when its whole slot is old enough, so the book errs by at
/// most one slot and always to the safe side. Pure; no clock.
class WindowBook {
 public:
  /// Begins an empty book, and says so, when the spans differ from the ones in use.
  bool shape(Instant window, Instant jitter);

  void add(int64_t amount, Instant now);
  /// What was taken at `taken_at` was larger or smaller by `amount`; forgotten when it no longer weighs.
  void amend(Instant taken_at, int64_t amount, Instant now);

  /// What was taken in the last W + D.
  int64_t weight(Instant now) const;
  /// The most that a vendor's counter of any model and phase may show; never rises by itself. Some 2,000 additions.
  int64_t worst_estimate(Instant now) const;
  /// When at most `room` weighs by itself, on a counter of any model and phase: now, or when a slot begins.
  Instant light_at(int64_t room, Instant now) const;
  /// How long the book remembers at least: whatever weighs on anything.
  Instant memory() const { return Instant((2 * window_slots_ + jitter_slots_) * slot_ns_); }
  /// Taken in the last window that is over (windows counted from time zero).
  int64_t last_window(Instant now) const;

 private:
  static constexpr int64_t kSpanSlots = 1024;
  static constexpr int64_t kSlots = 2 * kSpanSlots + 8;  ///< 2 W + D, rounded up generously
  int64_t& at(int64_t slot) { return slots_[static_cast<size_t>(slot % kSlots)]; }
  /// What was taken `age` slots before `slot`.
  int64_t aged(int64_t slot, int64_t age) const;
  void advance(Instant now);

  int64_t window_ns_ = 1;
  int64_t slot_ns_ = 1;
  int64_t window_slots_ = 1;  ///< W
  int64_t jitter_slots_ = 0;  ///< D, and the slot that is still being filled
  int64_t newest_ = 0;        ///< slot of the latest event
  int64_t recent_ = 0;        ///< sum of the newest kSpanSlots + 1 slots
  std::array<int64_t, kSlots> slots_{};

  int64_t window_index_ = 0;
  int64_t window_now_ = 0;
  int64_t window_before_ = 0;
};

}  // namespace harvest::limit
