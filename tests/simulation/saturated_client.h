#pragma once

#include <cstdint>

#include "harvest/v1/teacher.pb.h"
#include "tests/simulation/event_queue.h"
#include "tests/teachersim/limits/limits.h"

namespace harvest::simulation {

/// A client that always has more to ask, one teacher whose limits it knows, a jittery network: how much of the limit is
/// used, and how often is it broken?
struct Saturation {
  v1::Limits limits;              ///< what the client is told
  teachersim::limits::Plan plan;  ///< what is enforced
  int64_t input_low = 1, input_high = 1;
  int64_t output_cap = 1;
  int64_t output_low = 1, output_high = 1;  ///< of the cap, really used
  Time jitter{0};                           ///< on the way to the teacher: uniform, from 20 ms up
  Time latency_low = std::chrono::milliseconds(200), latency_high = std::chrono::milliseconds(400);
  Time timer_lateness{0};  ///< the client's timers fire up to so late
  Time length = std::chrono::minutes(30);
  uint64_t seed = 1;
};

struct Used {
  int64_t sent = 0;
  int64_t throttled = 0;
  int64_t granted_requests = 0;
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;  ///< really used
  /// The fullest dimension: granted over the whole run ÷ granted by the plan.
  double utilisation = 0;
};

Used saturate(const Saturation& given);

/// The plan that enforces exactly these limits.
teachersim::limits::Plan plan_of(const v1::Limits& limits, teachersim::limits::Enforcement enforcement);

}  // namespace harvest::simulation
