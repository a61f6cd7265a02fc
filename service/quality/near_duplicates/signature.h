#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace harvest::quality {

/// A text in 128 bytes, such that two texts agree in about as many of them as their shingles do: MinHash (A. Broder,
/// *On the resemblance and containment of documents*, 1997), of which the lowest byte of each minimum is kept (P. Li,
/// A. C. König, *b-Bit minwise hashing*, 2010).
inline constexpr size_t kMins = 128;
using Mins = std::array<uint8_t, kMins>;

/// Who is near to whom is looked for by bands: five minima each, hashed. Two texts whose shingles are J alike share one
/// of the eight with 1 - (1 - J^5)^8: .08 at .4, .48 at .6, .77 at .7, .96 at .8, .999 at .9.
inline constexpr size_t kBands = 8;
inline constexpr size_t kBandMins = 5;

struct Signature {
  std::array<uint64_t, kBands> bands{};  ///< differ from one band to the next, also of the same minima
  Mins mins{};
};

/// `shingles`: one at least; how often each stands there makes no difference. The same in every run and on every
/// machine.
Signature signature_of(const std::vector<uint64_t>& shingles);

/// How much of the shingles of both together both have, 0 to 1, as estimated: within .04 of it two times out of three.
double resemblance(const Mins& a, const Mins& b);

}  // namespace harvest::quality
