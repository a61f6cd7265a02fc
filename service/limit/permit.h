#pragma once

#include <cstdint>

#include "service/limit/demand.h"

namespace harvest::limit {

/// The right to send one attempt now: what was reserved of limits (Limiter) and money (Wallet), to be settled with
/// both, exactly once.
struct Permit {
  Demand reserved;
  uint32_t day = 0;         ///< UTC day (since 1970) that its money and its daily request were booked on
  Instant taken_at{};       ///< when: which window its tokens weigh on
  int64_t in_flight = 0;    ///< attempts at that moment, itself included
  bool money_only = false;  ///< of a batch's member: no limit but money knows of it
};

}  // namespace harvest::limit
