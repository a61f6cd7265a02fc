#pragma once

#include <chrono>
#include <cstdint>

#include "tests/teachersim/limits/meter.h"

namespace teachersim {

/// One instant on the three clocks that matter here.
struct Moment {
  limits::Time now{0};       // since the stand-in started: limits, latencies, windows
  std::int64_t mono_us = 0;  // CLOCK_MONOTONIC
  std::int64_t utc_us = 0;
};

/// Owned by main; everything below the server is told the time.
class Clock {
 public:
  Clock() : start_(std::chrono::steady_clock::now()) {}

  Moment now() const {
    using std::chrono::duration_cast;
    using std::chrono::microseconds;
    const auto mono = std::chrono::steady_clock::now();
    const auto utc = std::chrono::system_clock::now();
    return {mono - start_, duration_cast<microseconds>(mono.time_since_epoch()).count(),
            duration_cast<microseconds>(utc.time_since_epoch()).count()};
  }
  std::chrono::steady_clock::time_point at(limits::Time since_start) const { return start_ + since_start; }

 private:
  const std::chrono::steady_clock::time_point start_;
};

}  // namespace teachersim
