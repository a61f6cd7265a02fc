#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace harvest::flow {

/// Whether a teacher of a FALLBACK job can answer now, best first. One that is down is let probe again by its breaker,
/// one that is paused or halted waits for a person.
enum class Readiness : uint8_t { kReady, kDown, kPaused, kHalted };

/// One of a FALLBACK job's teachers, as far as standing in for another goes.
struct FallbackTeacher {
  Readiness readiness = Readiness::kReady;
  std::string vendor;
  std::string line;  ///< who made its model, and of which family (rights/alerts.h)
};

/// By place in the job: the place that is asked in its stead. Empty stands for every teacher in its own place.
using FallbackRoute = std::vector<uint32_t>;

/// May this place take over what a teacher before it did not answer? A vendor that has halted us is not asked by
/// another of its teachers; and a model that gave no answer, for whatever reason, is not asked by another account or
/// route of the same vendor: that would be a way round its limits or its word.
inline bool may_stand_in(const std::vector<FallbackTeacher>& teachers, size_t place) {
  for (size_t before = 0; before < place; ++before) {
    if (teachers[before].vendor != teachers[place].vendor) continue;
    if (teachers[before].readiness == Readiness::kHalted || teachers[before].line == teachers[place].line) return false;
  }
  return true;
}

/// Who is asked after this place has given no answer; none: nobody is left.
inline std::optional<size_t> next_place(const std::vector<FallbackTeacher>& teachers, size_t place) {
  for (size_t next = place + 1; next < teachers.size(); ++next)
    if (may_stand_in(teachers, next)) return next;
  return std::nullopt;
}

/// A query goes on to the first teacher at or after its own that may stand in and is readier than those before. It
/// never goes back: the ones before have given no answer to it.
inline FallbackRoute fallback_route(const std::vector<FallbackTeacher>& teachers) {
  FallbackRoute route;
  for (size_t own = 0; own < teachers.size(); ++own) {
    size_t asked = own;
    for (size_t next = own + 1; next < teachers.size(); ++next)
      if (teachers[next].readiness < teachers[asked].readiness && may_stand_in(teachers, next)) asked = next;
    route.push_back(static_cast<uint32_t>(asked));
  }
  return route;
}

}  // namespace harvest::flow
