#include "service/quality/near_duplicates/signature.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <set>

#include "tests/quality/near_duplicates/alike.h"

using namespace harvest::quality;

TEST_CASE("a signature is of the set whatever its order and however often each stands there", "[near]") {
  std::mt19937_64 random(1);
  const std::vector<uint64_t> set = two_alike(random, 1, 100).first;
  const Signature one = signature_of(set);
  std::vector<uint64_t> other(set.rbegin(), set.rend());
  other.insert(other.end(), set.begin(), set.end());
  CHECK(signature_of(other).mins == one.mins);
  CHECK(signature_of(other).bands == one.bands);
  CHECK(resemblance(one.mins, one.mins) == 1);
  CHECK(std::set(one.bands.begin(), one.bands.end()).size() == kBands);
}

TEST_CASE("signatures stay what they are since they are kept", "[near]") {
  const Signature signature = signature_of({1, 2, 3});
  CHECK(signature.bands[0] == 0x200920AF721B8347ULL);
  CHECK(signature.bands[kBands - 1] == 0xD0D09C475A1EDE86ULL);
  CHECK(signature.mins[kMins - 1] == 64);
}

TEST_CASE("the estimate of what two sets have in common is unbiased and as near as it says", "[near]") {
  std::mt19937_64 random(2);
  for (const double alike : {0.0, 0.3, 0.7, 0.9}) {
    constexpr size_t kTrials = 400;
    double sum = 0, squares = 0;
    for (size_t trial = 0; trial < kTrials; ++trial) {
      const auto [a, b] = two_alike(random, alike, 300);
      const double error = resemblance(signature_of(a).mins, signature_of(b).mins) - alike;
      sum += error;
      squares += error * error;
    }
    INFO("alike " << alike << ": off by " << sum / kTrials << ", spread " << std::sqrt(squares / kTrials));
    CHECK(std::abs(sum / kTrials) < 0.01);
    CHECK(std::sqrt(squares / kTrials) < 0.05);
  }
}
