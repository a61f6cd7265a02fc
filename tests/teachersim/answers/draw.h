#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

/// Seeded randomness (splitmix64): the same key draws the same values on every machine and standard library, which
/// <random>'s distributions do not promise.
namespace teachersim {

/// A well-mixed 64-bit function of a number: one step of splitmix64.
inline std::uint64_t mix(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

/// FNV-1a, chained: hash_of(b, hash_of(a)) differs from hash_of(ab) because each link is mixed.
inline std::uint64_t hash_of(std::string_view bytes, std::uint64_t before = 0xCBF29CE484222325ULL) {
  std::uint64_t hash = before;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3ULL;
  return mix(hash);
}

class Draw {
 public:
  explicit Draw(std::uint64_t key) : state_(key) {}

  std::uint64_t next() { return mix(state_++ * 0xD1342543DE82EF95ULL); }
  /// In [0, bound); bound > 0. The bias of the multiplication is below 2^-32 for the small bounds used here.
  std::uint64_t below(std::uint64_t bound) { return ((next() >> 32) * bound) >> 32; }
  /// In [0, 1).
  double share() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  /// Standard normal (Box-Muller).
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - share()));
    return radius * std::cos(2.0 * std::numbers::pi * share());
  }

 private:
  std::uint64_t state_;
};

}  // namespace teachersim
