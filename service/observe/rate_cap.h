#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace harvest::observe::log {

/// At most so many lines of one event in one second: pure, time is passed in. Not safe across threads by itself.
class RateCap {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  explicit RateCap(int per_second) : per_second_(per_second) {}

  struct Verdict {
    bool pass = false;
    uint64_t suppressed = 0;  ///< lines of this event kept back since its last that passed
  };
  Verdict ask(std::string_view event, Instant now);
  void set(int per_second) { per_second_ = per_second; }
  uint64_t suppressed_total() const { return suppressed_total_; }

 private:
  struct Window {
    Instant started;
    int passed = 0;
    uint64_t suppressed = 0;
  };
  // Events are names in the code: a few dozen. Should someone pass data as a name, the map stays bounded all the same.
  static constexpr std::size_t kEventsMax = 1024;

  int per_second_;  // 0: no cap
  uint64_t suppressed_total_ = 0;
  std::map<std::string, Window, std::less<>> windows_;
};

}  // namespace harvest::observe::log
