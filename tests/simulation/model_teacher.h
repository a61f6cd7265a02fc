#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "service/dialect/outcome.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/random.h"
#include "tests/teachersim/limits/limits.h"

namespace harvest::simulation {

/// How one teacher treats who asks it. Troubles end at `troubles_until`; from then on it answers.
struct Manners {
  teachersim::limits::Plan plan;
  std::optional<Time> changes_at;  ///< from then on another plan is enforced, with nothing counted yet
  teachersim::limits::Plan plan_then;
  std::optional<Time> neighbour_from;  ///< somebody else uses the same key,
  Time neighbour_until{0};
  int64_t neighbour_per_minute = 0;   ///< so often,
  teachersim::limits::Ask neighbour;  ///< for so much each time
  Time latency_max = std::chrono::seconds(10);
  Time troubles_until{0};
  double fault = 0;  ///< an attempt that was admitted ends in a fault
  double refused = 0;
  Time storm_every{0};     ///< 429s without a limit behind them, one in six of this long; zero: never
  Time overload_every{0};  ///< too much for it, whoever asks, for a tenth of this long; zero: never
  bool tells_retry_after = true;
  bool names_the_limit = false;  ///< that a 429 met
  bool sends_headers = false;    ///< what is left of every limit, with each reply
};

/// What the teacher makes of one request, and what it billed for it.
struct Reply {
  dialect::Outcome outcome;
  Time latency{0};
  int64_t output_tokens = 0;  ///< billed, also where the answer is lost
  bool billed = false;
  std::optional<teachersim::limits::Dimension> over_limit;  ///< refused for a limit, not in a storm
};

/// The vendor's side. Its limits are those of the stand-in teacher; nothing here knows the service's limiter.
class ModelTeacher {
 public:
  ModelTeacher(const Manners& manners, Random& random, EventQueue& events);

  /// A request arrives; it ends after its reply's latency.
  Reply arrive(const teachersim::limits::Ask& ask, bool hopeless);

 private:
  bool storming() const;
  bool overloaded() const;
  void change();
  void neighbour();
  void finish_after(Time latency, const teachersim::limits::Ask& ask, int64_t output_tokens);
  void write_headers(dialect::Outcome& outcome);

  const Manners manners_;
  std::unique_ptr<teachersim::limits::Limits> limits_;
  int plan_ = 0;  ///< which one is enforced: what began under another never weighed on it
  Random& random_;
  EventQueue& events_;
};

}  // namespace harvest::simulation
