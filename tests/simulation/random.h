#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace harvest::simulation {

/// Everything random of one run, from one seed.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed * 0x9E3779B97F4A7C15u + 1) {}

  int64_t between(int64_t low, int64_t high) {
    // Not std::uniform_int_distribution: its sequence differs between libraries, and a seed must mean one run
    // everywhere.
    return low + static_cast<int64_t>(engine_() % static_cast<uint64_t>(high - low + 1));
  }
  double unit() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }
  bool chance(double probability) { return unit() < probability; }
  std::chrono::nanoseconds upto(std::chrono::nanoseconds most) {
    return std::chrono::nanoseconds(between(0, most.count()));
  }
  template <typename T, size_t n>
  const T& pick(const T (&choices)[n]) {
    return choices[static_cast<size_t>(between(0, static_cast<int64_t>(n) - 1))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace harvest::simulation
