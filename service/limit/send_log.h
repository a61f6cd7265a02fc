#pragma once

#include <cstdint>
#include <vector>

#include "service/limit/demand.h"

namespace harvest::limit {

/// What was sent in the last two minutes of one quantity, in slots of 20 ms: what a vendor whose window is not known
/// may have counted. An amount that came to nothing is taken out again. Pure; no clock. Some 50 KB from the first send
/// on.
class SendLog {
 public:
  void add(int64_t amount, Instant now);
  /// What was sent at `sent_at` was larger or smaller by `amount`; forgotten when it is older than the log.
  void amend(Instant sent_at, int64_t amount, Instant now);
  /// Sent from `from` until `until`, both rounded to slots, `until` included.
  int64_t between(Instant from, Instant until) const;

 private:
  static constexpr int64_t kSlotNs = 20'000'000;
  static constexpr int64_t kSlots = 6144;  ///< 123 s
  static int64_t slot_of(Instant time) { return time.count() / kSlotNs; }
  int64_t& at(int64_t slot) { return slots_[static_cast<size_t>(slot % kSlots)]; }
  void advance(Instant now);

  std::vector<int64_t> slots_;  ///< empty until something is sent
  int64_t newest_ = 0;
};

}  // namespace harvest::limit
