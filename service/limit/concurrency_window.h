#pragma once

#include <cstdint>
#include <optional>

#include "service/limit/backoff.h"
#include "service/limit/feedback.h"
#include "service/limit/first_token_estimate.h"
#include "service/limit/first_token_gradient.h"
#include "service/limit/place_finder.h"

namespace harvest::limit {

/// How many attempts may be in flight. A configured bound is a bound. Where the vendor refuses for what is in flight,
/// by its own words or by all that its 429s tell, that is found and held (place_finder.h). Overload, and 429s that
/// nothing explains where its rates are not known, open an adaptive window: a tenth less each time, one more for each
/// full round (32 at least) of attempts that were not throttled while at least half of the window is in use (loss-based
/// AIMD; delay says nothing, since a teacher's latency is the length of its answer). A server of one's own queues
/// instead, and says nothing: there the time to first token bounds (first_token_gradient.h). Pure; owned by the
/// Limiter.
class ConcurrencyWindow {
 public:
  /// `adaptive`: 429s that name no limit may bring a bound even where none is configured. `queues`: what the server
  /// cannot run it lets wait.
  void configure(std::optional<int64_t> most, bool adaptive, bool queues);

  bool fits() const { return in_flight_ < bound(); }
  void enter();
  void leave();

  /// One event of overload, or of throttling that nothing explains, however many attempts it hit. The throttled attempt
  /// has left already.
  void throttled();
  /// A 429 came. True: news of the number in flight, by the vendor's words or by all that is known.
  bool refused(const Feedback& feedback, Backoff::Refusal refusal, Instant now);
  /// It came back with anything else.
  void passed(const Feedback& feedback, Instant now);
  /// What such a server's gauges say of its queue.
  void told(int64_t waiting, int64_t running, Instant now);

  int64_t in_flight() const { return in_flight_; }
  bool queues() const { return queue_.has_value(); }
  /// The vendor refuses for what is in flight, and how many it allows has been found.
  bool knows_places() const { return places_.bound().has_value(); }
  /// The bound in force; INT64_MAX where there is none.
  int64_t bound() const;
  /// What nobody stated, as it is kept across restarts; 0: nothing was found.
  int64_t found() const;
  void restore(int64_t found);

 private:
  void answered(const Feedback& feedback, Instant now);

  std::optional<int64_t> most_;
  bool adaptive_ = false;
  PlaceFinder places_;
  std::optional<double> window_;
  struct Queue {
    FirstTokenGradient gradient;
    FirstTokenEstimate estimate;  ///< for answers that come whole
  };
  std::optional<Queue> queue_;
  int64_t in_flight_ = 0;
  int64_t most_in_flight_ = 0;  ///< since the last throttling: what it refused had been sent then
};

}  // namespace harvest::limit
