#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "harvest/v1/teacher.pb.h"
#include "service/limit/backoff.h"
#include "service/limit/budget.h"
#include "service/limit/concurrency_window.h"
#include "service/limit/day_book.h"
#include "service/limit/demand.h"
#include "service/limit/feedback.h"
#include "service/limit/paced_limit.h"

namespace harvest::limit {

/// The right to send one attempt now: what was reserved, to be given back to settle(), exactly once.
struct Permit {
  Demand reserved;
  uint32_t day = 0;         ///< UTC day (since 1970) that its money and its daily request were booked on
  Instant taken_at{};       ///< when: which window its tokens weigh on
  bool money_only = false;  ///< of a batch's member: no limit but money knows of it
};

/// Every limit of one teacher, all or nothing: a permit is taken from every dimension in one step or from none.
///
///   verdict = limiter.ask(demand, job_budget, now, utc_us);   // changes nothing
///   if (verdict.granted) permit = limiter.take(demand, job_budget, now, utc_us);
///   ... one attempt ...
///   limiter.learn(feedback, now); limiter.settle(permit, actual, job_budget, now);
///
/// The two may come in either order. `now` never runs backwards. A verdict's ready_at holds as long as nothing is
/// taken, settled or learned: ask again then.
///
/// Per-minute dimensions are paced by GCRA with the rate (L - b) / (W + D), b one request or one large request's
/// tokens, so that no window of any enforcement model overflows (see gcra.h). Days, concurrency and money are counters.
/// A 429 lowers the paced rate to 0.8 of itself and holds everything until Retry-After; each clean window gives 2 %
/// back. Demands: output_tokens must be what the vendor counts at arrival, its cap where the vendor reserves the cap;
/// settle() returns the rest. A failed attempt keeps its request charged, and its tokens unless it was not processed.
///
/// After a restart, in this order: restore_day(), restart(), restore() for every attempt found open.
/// Pure: no clock, no I/O. Owned by the decision lane.
class Limiter {
 public:
  /// `day_budget_cap`: picodollars per UTC day for this teacher, if any.
  Limiter(const v1::Limits& limits, std::optional<int64_t> day_budget_cap);

  Verdict ask(const Demand& demand, const Budget* job, Instant now, int64_t utc_us) const;
  /// Requires that ask() would grant.
  Permit take(const Demand& demand, Budget* job, Instant now, int64_t utc_us);
  /// The same for a member of a batch, whose requests and tokens vendors count apart: money alone. settle() takes the
  /// permit back like any other.
  Verdict ask_money(const Demand& demand, const Budget* job, Instant now, int64_t utc_us) const;
  Permit take_money(const Demand& demand, Budget* job, Instant now, int64_t utc_us);
  /// A member that an earlier run handed in: its money is reserved again, whatever the caps are by now.
  Permit hold_money(int64_t cost_picodollars, uint32_t day, Budget* job);
  void settle(const Permit& permit, const Actual& actual, Budget* job, Instant now);
  void learn(const Feedback& feedback, Instant now);

  /// Figures of the current UTC day, from the store at start.
  void restore_day(uint32_t day, int64_t requests, int64_t spent, int64_t at_risk);
  /// There was an earlier run, of whose last second nothing is known: nothing is in store at first.
  void restart(Instant now);
  /// An attempt of the earlier run that may still be running at the vendor: it holds its tokens and its place in the
  /// concurrency until its permit is settled. Its request and money are in the day's figures already (money as at
  /// risk), so the permit carries no cost.
  Permit restore(const Demand& demand, uint32_t day, Instant now);

  /// Changed limits apply from the next permit; what is in flight stays counted.
  void set_limits(const v1::Limits& limits);

  int64_t in_flight() const { return concurrency_.in_flight(); }
  /// Granted ÷ allowed over the last full window, per dimension; 0 where the dimension has no limit. Of the counters
  /// (requests per day, concurrency, teacher budget) the share in use now.
  double utilization(Dimension dimension, Instant now) const;
  /// Whether the dimension has a limit, configured or (rates) learned from headers.
  bool limited(Dimension dimension) const;
  /// Attempts that may be in flight now; INT64_MAX where nothing bounds them.
  int64_t concurrency_bound() const { return concurrency_.bound(); }
  /// The paced rate as a share of the configured one; 1 unless throttling lowered it.
  double effective_ratio() const { return static_cast<double>(backoff_.ratio_ppm()) / 1e6; }
  const Budget& day_budget() const { return day_.money(); }
  int64_t requests_today() const { return day_.requests(); }

 private:
  void slow_down();

  PacedLimit requests_;
  PacedLimit input_tokens_;
  PacedLimit output_tokens_;
  ConcurrencyWindow concurrency_;
  std::optional<int64_t> concurrency_max_;
  DayBook day_;
  Backoff backoff_;
};

}  // namespace harvest::limit
