#pragma once

#include "tests/simulation/event_queue.h"
#include "tests/simulation/random.h"

namespace harvest::simulation {

/// How long a call is on its way to the teacher beyond what every call is: even up to `jitter`, and for a share of the
/// calls even up to `spike_max` on top.
struct Network {
  const char* name = "even";
  Time jitter{0};
  double spikes = 0;
  Time spike_max{0};

  Time draw(Random& random) const {
    const Time delay = random.upto(jitter);
    return spikes > 0 && random.chance(spikes) ? delay + random.upto(spike_max) : delay;
  }
  /// D: no two calls differ by more.
  Time spread() const { return jitter + spike_max; }
};

/// The three that the limiter was designed against.
inline constexpr Network kNetworks[] = {
    {"5 ms", std::chrono::milliseconds(5), 0, Time{0}},
    {"20 ms, 1 % to 0.5 s", std::chrono::milliseconds(20), 0.01, std::chrono::milliseconds(500)},
    {"50 ms, 2 % to 2 s", std::chrono::milliseconds(50), 0.02, std::chrono::seconds(2)}};

}  // namespace harvest::simulation
