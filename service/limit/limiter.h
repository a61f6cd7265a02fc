#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "harvest/v1/teacher.pb.h"
#include "service/limit/budget.h"
#include "service/limit/demand.h"
#include "service/limit/gcra.h"

namespace harvest::limit {

/// What an attempt's end says about the limits.
struct Feedback {
  bool throttled = false;
  std::optional<Instant> retry_after;  ///< the vendor's floor, relative
  /// Rate-limit headers, where sent: what is left of a dimension and how long until it is full again.
  struct Window {
    std::optional<int64_t> limit, remaining;
    std::optional<Instant> reset_in;
  };
  Window requests, input_tokens, output_tokens;
};

/// The right to send one attempt now: what was reserved, to be given back to settle(), exactly once.
struct Permit {
  Demand reserved;
  uint32_t day = 0;  ///< UTC day (since 1970) that its money and its daily request were booked on
};

/// Every limit of one teacher, all or nothing: a permit is taken from every dimension in one step or from none.
///
///   verdict = limiter.ask(demand, job_budget, now, utc_us);   // changes nothing
///   if (verdict.granted) permit = limiter.take(demand, job_budget, now, utc_us);
///   ... one attempt ...
///   limiter.settle(permit, actual, job_budget, now); limiter.learn(feedback, now);
///
/// Per-minute dimensions are paced by GCRA with the rate (L - b) / (W + D), b one request or one large request's tokens, so
/// that no window of any enforcement model overflows (reference: reliability B3). Days, concurrency and money are counters. A
/// 429 lowers the paced rate to 0.8 of itself and holds everything until Retry-After; each clean window gives 2 % back.
/// Pure: no clock, no I/O. Owned by the decision lane.
class Limiter {
 public:
  /// `day_budget_cap`: dollars per UTC day for this teacher, if any.
  Limiter(const v1::Limits& limits, std::optional<int64_t> day_budget_cap);

  Verdict ask(const Demand& demand, const Budget* job, Instant now, int64_t utc_us) const;
  Permit take(const Demand& demand, Budget* job, Instant now, int64_t utc_us);
  void settle(const Permit& permit, const Actual& actual, Budget* job, Instant now);
  void learn(const Feedback& feedback, Instant now);

  /// Figures of the current UTC day, from the store at start.
  void restore_day(uint32_t day, int64_t requests, int64_t spent, int64_t at_risk);
  /// Changed limits apply from the next permit; what is in flight stays counted.
  void set_limits(const v1::Limits& limits);

  int64_t in_flight() const;
  /// Granted ÷ allowed over the last full window, per dimension; 0 where the dimension has no limit.
  double utilization(Dimension dimension, Instant now) const;
  /// The paced rate as a share of the configured one; 1 unless throttling lowered it.
  double effective_ratio() const;
  const Budget& day_budget() const;
  int64_t requests_today() const;

 private:
  // (filled in by the implementation)
};

}  // namespace harvest::limit
