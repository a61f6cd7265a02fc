#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string_view>

#include "tests/teachersim/limits/meter.h"

namespace teachersim::limits {

enum class Dimension { kRequests, kInputTokens, kOutputTokens, kTokens, kRequestsPerDay, kConcurrency };
inline constexpr std::size_t kDimensions = 6;
std::string_view name_of(Dimension dimension);

/// What was granted in each whole minute since the start: granted ÷ limit is how well a client used its limits.
/// Reserved output counts at its admission and is corrected to what was really used when it is settled.
/// Bounded: the newest kWindowsKept minutes.
class Utilisation {
 public:
  static constexpr Time kWindow = std::chrono::seconds(60);
  static constexpr std::size_t kWindowsKept = 1440;

  struct Window {
    Time start{0};
    /// By Dimension; concurrency holds the highest number in flight.
    std::array<std::int64_t, kDimensions> granted{};
  };

  void add(Dimension dimension, std::int64_t amount, Time at);
  void note_in_flight(std::int64_t in_flight, Time at);
  /// Oldest first; minutes in which nothing happened are there too, as zeros.
  const std::deque<Window>& windows() const { return windows_; }

 private:
  Window* window_of(Time at);

  std::deque<Window> windows_;
};

}  // namespace teachersim::limits
