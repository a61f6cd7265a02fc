#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "harvest/v1/teacher.pb.h"
#include "service/limit/limiter.h"
#include "tests/simulation/event_queue.h"

namespace harvest::simulation {

/// Whatever says when the next call may go: our limiter, or what others do.
class Pacer {
 public:
  virtual ~Pacer() = default;

  /// Not after now: it may go. Time::max(): when something comes back.
  virtual Time ready_at(const limit::Demand& demand, Time now) = 0;
  virtual void sent(const limit::Demand& demand, Time now) = 0;
  virtual void throttled(const limit::Demand& demand, Time sent_at, std::optional<Time> retry_after, Time now) = 0;
  virtual void answered(const limit::Demand& demand, Time sent_at, int64_t output_tokens, Time now) = 0;
  /// The process ends and begins anew.
  virtual void restart(Time now) = 0;
};

/// The service's own. `told`: what the configuration states; of the rest it knows nothing.
std::unique_ptr<Pacer> our_limiter(const v1::Limits& told);

// Three that are in wide use, as their owners describe them; each waits out Retry-After.

/// What a limit per minute is on.
enum class Counts { kRequests, kInputTokens };

/// Counts what the running minute took and stops at the limit.
std::unique_ptr<Pacer> fixed_window_counter(int64_t per_minute, Counts counts);
/// A bucket of the full limit, refilled steadily.
std::unique_ptr<Pacer> token_bucket(int64_t per_minute, Counts counts);
/// No rate at all: the number in flight grows by one a round and falls by a tenth at a 429 (Netflix' defaults: starts
/// at 20).
std::unique_ptr<Pacer> additive_increase();

}  // namespace harvest::simulation
