#pragma once

#include <cstdint>
#include <optional>

#include "service/limit/feedback.h"
#include "service/limit/first_token_estimate.h"
#include "service/limit/first_token_gradient.h"

namespace harvest::limit {

/// How many attempts may be in flight. A configured bound is a bound. Where the vendor's rates are not known, or
/// where it names what is in flight, the first 429 opens an adaptive window: a tenth less at each throttling, one more
/// for each full round (32 at least) of attempts that were not throttled while at least half of the window is in use
/// (loss-based AIMD; delay says nothing, since a teacher's latency is the length of its answer). A server of one's own
/// queues instead, and says nothing: there the time to first token bounds (first_token_gradient.h). Pure; owned by the
/// Limiter.
class ConcurrencyWindow {
 public:
  /// `adaptive`: 429s that name no limit may bring a bound even where none is configured. `queues`: what the server
  /// cannot run it lets wait.
  void configure(std::optional<int64_t> most, bool adaptive, bool queues);

  bool fits() const { return in_flight_ < bound(); }
  void enter();
  void leave();

  /// One event of throttling or overload, however many attempts it hit. The throttled attempt has left already.
  /// `named`: for what is in flight, by the vendor's own words.
  void throttled(bool named = false);
  /// One that went alone was refused for the number in flight: the others in flight are as many as are allowed.
  void refused_alone();
  void passed();
  /// What its time says of a server that queues.
  void answered(const Feedback::Answer& answer, Instant now);

  /// What such a server's gauges say of its queue.
  void told(int64_t waiting, int64_t running, Instant now);

  int64_t in_flight() const { return in_flight_; }
  bool queues() const { return queue_.has_value(); }
  /// The bound in force; INT64_MAX where there is none.
  int64_t bound() const;
  /// What nobody stated, as it is kept across restarts; 0: nothing was found.
  int64_t found() const;
  void restore(int64_t found);

 private:
  std::optional<int64_t> most_;
  bool adaptive_ = false;
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
