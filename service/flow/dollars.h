#pragma once

#include <cstdint>

#include "proto/text/money.h"

namespace harvest::flow {

/// For people and for reckoning about, never for booking: money that is booked stays in whole picodollars.
inline double dollars_of(int64_t picodollars) {
  return static_cast<double>(picodollars) / static_cast<double>(text::kPicodollarsPerDollar);
}

}  // namespace harvest::flow
