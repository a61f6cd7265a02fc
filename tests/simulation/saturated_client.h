#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "harvest/v1/teacher.pb.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/network.h"
#include "tests/simulation/pacer.h"
#include "tests/teachersim/limits/limits.h"

namespace harvest::simulation {

/// Every way in which limits are enforced.
inline constexpr teachersim::limits::Enforcement kModels[] = {
    teachersim::limits::Enforcement::kFixedWindow, teachersim::limits::Enforcement::kSlidingLog,
    teachersim::limits::Enforcement::kSlidingCounter, teachersim::limits::Enforcement::kTokenBucket};

/// A client that always has more to ask, one teacher, a jittery network: how much of the limit is used, and how often
/// is it broken?
struct Saturation {
  v1::Limits limits;                              ///< what the client is told
  std::function<std::unique_ptr<Pacer>()> pacer;  ///< of the client; empty: our limiter
  teachersim::limits::Plan plan;                  ///< what is enforced
  int64_t input_low = 1, input_high = 1;
  int64_t output_cap = 1;
  std::optional<int64_t> output_reserved;   ///< by the client; none: the cap
  int64_t output_low = 1, output_high = 1;  ///< of the cap, really used
  Network network;                          ///< on the way to the teacher, on top of 20 ms
  bool tells_retry_after = true;
  Time latency_low = std::chrono::milliseconds(200), latency_high = std::chrono::milliseconds(400);
  Time timer_lateness{0};  ///< the client's timers fire up to so late
  Time length = std::chrono::minutes(30);
  Time measured_from{0};            ///< what was before does not count
  std::optional<Time> restarts_at;  ///< the client does, forgetting what is not kept
  std::optional<Time> changes_at;   ///< from then on another plan is enforced
  teachersim::limits::Plan plan_then;
  std::optional<Time> neighbour_from, neighbour_until;  ///< somebody uses the same key,
  int64_t neighbour_per_minute = 0;                     ///< so often
  uint64_t seed = 1;
};

struct Used {
  int64_t sent = 0;
  int64_t throttled = 0;
  int64_t granted_requests = 0;
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;  ///< really used
  /// The fullest dimension: granted over the measured time ÷ granted by the plan at its end.
  double utilisation = 0;
  int64_t throttled_before = 0;      ///< of what does not count
  std::vector<int64_t> each_second;  ///< granted of the fullest dimension, from the start on
};

Used saturate(const Saturation& given);

/// The plan that enforces exactly these limits.
teachersim::limits::Plan plan_of(const v1::Limits& limits, teachersim::limits::Enforcement enforcement);

}  // namespace harvest::simulation
