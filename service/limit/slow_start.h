#pragma once

#include <array>
#include <cstdint>

#include "service/limit/demand.h"

namespace harvest::limit {

/// How fast a teacher of unknown limits is asked until it says no for the first time: the rate doubles each time that
/// what was sent is known to have been admitted. An attempt is admitted once it is answered, and also when a second has
/// passed without a refusal: vendors refuse at once, however long their answers take. So a server next door is asked at
/// full speed within milliseconds, and a vendor of unknown limits is passed by at most by what leaves while its first
/// 429 is on the way. Sends are spread evenly, a burst would tell nothing. Pure; owned by the Limiter.
class SlowStart {
 public:
  SlowStart() { slots_.fill(0); }
  void begin() { on_ = true; }
  void end() { on_ = false; }
  bool on() const { return on_; }

  /// In the past when one may be sent now.
  Instant ready_at(Instant now) const;
  void sent(Instant now);
  /// It came back, with whatever but a 429.
  void admitted(Instant sent_at, Instant now);
  /// It never arrived, or was refused: nothing is known of it.
  void forget(Instant sent_at, Instant now);

 private:
  static constexpr int64_t kSlotNs = 20'000'000;
  static constexpr int64_t kSlots = 50;  ///< one second
  int64_t& at(int64_t slot) { return slots_[static_cast<size_t>(slot % kSlots)]; }
  void advance(Instant now);
  bool take_out(Instant sent_at, Instant now);
  void grow(int64_t by);

  bool on_ = false;
  static constexpr int64_t kFirst = 8;
  int64_t window_ = kFirst;            ///< so many may be unconfirmed
  int64_t unconfirmed_ = 0;            ///< sum of the slots
  std::array<int64_t, kSlots> slots_;  ///< unconfirmed, by when they were sent
  int64_t newest_ = 0;
  double confirmed_after_ns_ = 1e9;  ///< smoothed; at most a second
  int64_t next_ns_ = 0;              ///< theoretical time of the next send, spread evenly
};

}  // namespace harvest::limit
