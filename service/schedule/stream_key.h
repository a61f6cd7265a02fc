#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace harvest::schedule {

/// One queue of a job (proto Stream): job number and index of the stream in it.
struct StreamKey {
  uint64_t job = 0;
  uint32_t stream = 0;
  auto operator<=>(const StreamKey&) const = default;
};

struct StreamKeyHash {
  size_t operator()(const StreamKey& key) const {
    // Fibonacci hashing: job numbers are small and dense, streams too.
    return static_cast<size_t>((key.job * 0x9E3779B97F4A7C15u) ^ (key.stream * 0xC2B2AE3D27D4EB4Fu));
  }
};

}  // namespace harvest::schedule
