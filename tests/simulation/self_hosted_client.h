#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "tests/simulation/event_queue.h"
#include "tests/simulation/random.h"

namespace harvest::simulation {

/// Lognormal, in tokens.
struct Lengths {
  const char* name;
  double median, sigma;
  int64_t most;

  int64_t draw(Random& random) const;
};

/// What bounds the client.
enum class Signal { kNone, kGradient2, kFirstToken, kDuration, kGauges };

/// A client that always has more to ask, bound by one of the signals, and a model server 2 to 5 ms away.
struct Scene {
  int64_t slots = 64;
  Lengths prompts{"short prompts", 150, 0.5, 16'000};
  Lengths answers{"answers", 200, 0.7, 2048};
  Signal signal = Signal::kFirstToken;
  int64_t fixed = 0;  ///< the bound where there is no signal
  Time length = std::chrono::seconds(300);
  Time halved_from{0}, halved_until{0};        ///< it restarts with half of its slots, and again with all
  Time neighbour_from{0}, neighbour_until{0};  ///< somebody keeps half of the slots' number in flight
  uint64_t seed = 1;
};

/// What was seen in one second.
struct Second {
  double bound = 0;
  double tokens = 0;           ///< of our answers that ended in it
  double tokens_of_all = 0;    ///< and of the neighbour's
  double waiting_seconds = 0;  ///< of the server's line in it
};

/// One entry for each second since the start.
std::vector<Second> run(const Scene& scene);

}  // namespace harvest::simulation
