#pragma once

#include <array>
#include <cstdint>

#include "service/limit/demand.h"

namespace harvest::limit {

/// What weighs on the vendor's window right now, as far as we know: what was taken in the last W + D, at its reserved
/// size until it is settled and at its real size from then on.
///
/// Why beside the GCRA: a refund lets the GCRA send more at once, but the vendor's window may have begun after the
/// refunded attempt, and then it gives nothing back. The book knows which window an attempt belongs to. It also answers
/// how much of the last window was used.
///
/// A ring of slots, 1/1024 of the span each; an amount leaves when its whole slot is old enough, so the book errs by at
/// most one slot and always to the safe side. Pure; no clock.
class WindowBook {
 public:
  /// Begins an empty book when the spans differ from the ones in use.
  void shape(Instant window, Instant jitter);

  void add(int64_t amount, Instant now);
  /// What was taken at `taken_at` was larger or smaller by `amount`; forgotten when it no longer weighs.
  void amend(Instant taken_at, int64_t amount, Instant now);

  int64_t weight(Instant now) const;
  /// The earliest time, `now` or later, at which at most `most` weighs if nothing is added.
  Instant weighs_at_most(int64_t most, Instant now) const;
  /// Taken in the last window that is over (windows counted from time zero).
  int64_t last_window(Instant now) const;

 private:
  static constexpr int64_t kSlots = 1024;
  /// The oldest slot that still weighs at `now`.
  int64_t oldest(Instant now) const { return now.count() / slot_ns_ - kSlots; }
  int64_t& at(int64_t slot) { return slots_[static_cast<size_t>(slot % (kSlots + 1))]; }
  int64_t at(int64_t slot) const { return slots_[static_cast<size_t>(slot % (kSlots + 1))]; }
  void advance(Instant now);

  int64_t window_ns_ = 1;
  int64_t slot_ns_ = 1;
  int64_t newest_ = 0;  ///< slot of the latest event
  int64_t total_ = 0;   ///< of all slots from newest_ - kSlots to newest_
  std::array<int64_t, kSlots + 1> slots_{};

  int64_t window_index_ = 0;
  int64_t window_now_ = 0;
  int64_t window_before_ = 0;
};

}  // namespace harvest::limit
