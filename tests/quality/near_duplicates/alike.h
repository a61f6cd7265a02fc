#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace harvest::quality {

/// Shingles of two texts that have `alike` of those of both together in common.
inline std::pair<std::vector<uint64_t>, std::vector<uint64_t>> two_alike(std::mt19937_64& random, double alike,
                                                                         size_t of_both) {
  const auto common = static_cast<size_t>(std::lround(alike * static_cast<double>(of_both)));
  std::pair<std::vector<uint64_t>, std::vector<uint64_t>> two;
  for (size_t i = 0; i < of_both; ++i) {
    const uint64_t shingle = random();
    if (i < common || i % 2 == 0) two.first.push_back(shingle);
    if (i < common || i % 2 == 1) two.second.push_back(shingle);
  }
  return two;
}

}  // namespace harvest::quality
