#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "tests/teachersim/bill.h"
#include "tests/teachersim/limits/limits.h"

namespace teachersim {

/// What happened so far, as GET /sim/stats, SIGUSR1 and the end of a run report it. Plain counters; one thread.
struct Stats {
  std::int64_t requests = 0;
  std::int64_t answered = 0;  // billed, whether or not the client got it
  std::int64_t refused = 0;   // part of answered
  std::array<std::int64_t, limits::kDimensions> throttled{};
  std::map<std::string, std::int64_t> failed;  // by reason
  Usage usage;                                 // of all that was billed
  std::int64_t picodollars = 0;
  std::int64_t peak_in_flight = 0;
  std::int64_t connections = 0;  // accepted so far
};

/// One more call was answered and billed.
void count_answer(Stats& stats, const Usage& usage, std::int64_t picodollars, bool refused);

/// One JSON object, with granted ÷ limit per dimension for every minute since the start.
std::string to_json(const Stats& stats, const limits::Limits& limits, limits::Time now);

}  // namespace teachersim
