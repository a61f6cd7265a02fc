#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "service/limit/demand.h"
#include "tests/simulation/event_queue.h"

namespace harvest::simulation {

/// One query, as it is on disk.
struct StoredQuery {
  uint32_t job = 0;
  int64_t input_tokens = 0;
  int64_t output_cap = 0;
  bool hopeless = false;
  uint32_t attempts = 0, throttled = 0, crashes = 0;
  Time due{0};
  int endings = 0;  ///< times that it was brought to rest: 1 at the end, never 2
};

struct StoredJob {
  double weight = 1;
  std::optional<int64_t> cap;
  int64_t spent = 0, at_risk = 0;
  int64_t billed = 0;  ///< the vendor's figure, which nobody here may look at but the checks
};

struct Intent {
  uint32_t query = 0;
  uint32_t day = 0;
  limit::Demand demand;
};

/// What survives a crash: every change is atomic.
struct ModelStore {
  std::vector<StoredQuery> queries;
  std::vector<StoredJob> jobs;
  std::map<uint64_t, Intent> intents;
  uint64_t next_intent = 0;
  struct Day {
    int64_t requests = 0, spent = 0, at_risk = 0;
  };
  std::map<uint32_t, Day> days;
};

}  // namespace harvest::simulation
