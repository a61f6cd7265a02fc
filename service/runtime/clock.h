#pragma once

#include <chrono>
#include <cstdint>

namespace harvest::runtime {

/// The two times of the house: monotonic for pacing and time-outs, UTC microseconds for what is stored.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::nanoseconds now() const = 0;
  virtual int64_t utc_us() const = 0;
};

class SystemClock final : public Clock {
 public:
  std::chrono::nanoseconds now() const override { return std::chrono::steady_clock::now().time_since_epoch(); }
  int64_t utc_us() const override {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
};

}  // namespace harvest::runtime
