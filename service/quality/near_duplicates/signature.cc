#include "service/quality/near_duplicates/signature.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace harvest::quality {
namespace {

static_assert(kBands * kBandMins <= kMins);

/// G. Steele et al., *Fast splittable pseudorandom number generators*, 2014: its step and its mixer.
constexpr uint64_t split_mix(uint64_t index) {
  uint64_t value = (index + 1) * 0x9E3779B97F4A7C15ULL;
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ value >> 27) * 0x94D049BB133111EBULL;
  return value ^ value >> 31;
}

/// One order of all shingles for each minimum: by the upper half of what they come to times an odd number.
constexpr auto kFactors = [] {
  std::array<uint64_t, kMins> factors{};
  for (size_t i = 0; i < kMins; ++i) factors[i] = split_mix(i) | 1;
  return factors;
}();

}  // namespace

Signature signature_of(const std::vector<uint64_t>& shingles) {
  assert(!shingles.empty());
  std::array<uint32_t, kMins> least;
  least.fill(std::numeric_limits<uint32_t>::max());
  for (const uint64_t shingle : shingles)
    for (size_t i = 0; i < kMins; ++i)
      least[i] = std::min(least[i], static_cast<uint32_t>(shingle * kFactors[i] >> 32));
  Signature signature;
  for (size_t i = 0; i < kMins; ++i) signature.mins[i] = static_cast<uint8_t>(least[i]);
  for (size_t band = 0; band < kBands; ++band) {
    uint64_t hash = band;
    for (size_t i = band * kBandMins; i < (band + 1) * kBandMins; ++i) hash = split_mix(hash ^ least[i]);
    signature.bands[band] = hash;
  }
  return signature;
}

double resemblance(const Mins& a, const Mins& b) {
  size_t same = 0;
  for (size_t i = 0; i < kMins; ++i) same += a[i] == b[i];
  // Of minima that differ, every 256th has the same lowest byte.
  constexpr double kByChance = 1.0 / 256;
  return std::max(0.0, (static_cast<double>(same) / kMins - kByChance) / (1 - kByChance));
}

}  // namespace harvest::quality
