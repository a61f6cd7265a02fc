#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace harvest::flow {

/// Whether a teacher of a FALLBACK job can answer now, best first. One that is down is let probe again by its breaker,
/// one that is paused or halted waits for a person.
enum class Readiness : uint8_t { kReady, kDown, kPaused, kHalted };

/// By place in the job: the place that is asked in its stead. Empty stands for every teacher in its own place.
using FallbackRoute = std::vector<uint32_t>;

/// A query goes on to the first teacher at or after its own that is readier than those before. It never goes back: the
/// ones before have given no answer to it.
inline FallbackRoute fallback_route(const std::vector<Readiness>& teachers) {
  FallbackRoute route;
  for (auto own = teachers.begin(); own != teachers.end(); ++own)
    route.push_back(static_cast<uint32_t>(std::min_element(own, teachers.end()) - teachers.begin()));
  return route;
}

}  // namespace harvest::flow
