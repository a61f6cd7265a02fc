#pragma once

#include "tests/teachersim/moment.h"

namespace teachersim {

/// What the clocks show so long after the start of a test.
inline Moment moment_at(limits::Time now) {
  const std::int64_t us = now / std::chrono::microseconds(1);
  return {now, us, 1'800'000'000'000'000 + us};
}

}  // namespace teachersim
