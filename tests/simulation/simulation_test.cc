// Whole harvests under a virtual clock, one per seed. HARVEST_SIM_SEEDS says how many, HARVEST_SIM_FIRST where to
// begin.
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tests/simulation/world.h"

namespace {

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

}  // namespace

TEST_CASE("every simulated harvest keeps the promises", "[simulation][world]") {
  const uint64_t first = from_environment("HARVEST_SIM_FIRST", 1);
  const uint64_t seeds = from_environment("HARVEST_SIM_SEEDS", 2000);
  uint64_t known = 0;
  int64_t attempts = 0;
  int64_t over_limit = 0;
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    harvest::simulation::World world(seed);
    const std::string broken = world.run();
    INFO("seed " << seed);
    CHECK(broken == "");
    known += world.limits_known() ? 1 : 0;
    attempts += world.attempts();
    over_limit += world.over_limit();
  }
  WARN(seeds << " harvests (" << known << " with known limits), " << attempts << " attempts, " << over_limit
             << " beyond a limit that nobody knew");
  // A simulation in which nothing happens proves nothing.
  CHECK(attempts > static_cast<int64_t>(seeds) * 20);
}
