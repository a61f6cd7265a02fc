#pragma once

#include <cstdint>

#include "service/dialect/outcome.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/random.h"
#include "tests/teachersim/limits/limits.h"

namespace harvest::simulation {

/// How one teacher treats who asks it. Troubles end at `troubles_until`; from then on it answers.
struct Manners {
  teachersim::limits::Plan plan;
  Time latency_max = std::chrono::seconds(10);
  Time troubles_until{0};
  double fault = 0;     ///< an attempt that was admitted ends in a fault
  double rejected = 0;  ///< a query is one that can never succeed; also after the troubles
  double refused = 0;
  Time storm_every{0};  ///< 429s without a limit behind them, one in six of this long; zero: never
  bool tells_retry_after = true;
};

/// What the teacher makes of one request, and what it billed for it.
struct Reply {
  dialect::Outcome outcome;
  Time latency{0};
  int64_t output_tokens = 0;  ///< billed, also where the answer is lost
  bool billed = false;
  bool over_limit = false;  ///< a limit was exceeded: where limits are known this must not happen
};

/// The vendor's side. Its limits are those of the stand-in teacher; nothing here knows the service's limiter.
class ModelTeacher {
 public:
  ModelTeacher(const Manners& manners, Random& random) : manners_(manners), limits_(manners.plan), random_(random) {}

  /// A request arrives; every granted one must be told finished() after its latency.
  Reply arrive(const teachersim::limits::Ask& ask, bool hopeless, Time now);
  void finished(const teachersim::limits::Ask& ask, Time arrived, const Reply& reply, Time now) {
    limits_.settle(ask, arrived, reply.output_tokens, now);
  }

 private:
  bool storming(Time now) const;

  const Manners manners_;
  teachersim::limits::Limits limits_;
  Random& random_;
};

}  // namespace harvest::simulation
