#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "harvest/v1/teacher.pb.h"
#include "service/limit/backoff.h"
#include "service/limit/concurrency_window.h"
#include "service/limit/day_book.h"
#include "service/limit/demand.h"
#include "service/limit/feedback.h"
#include "service/limit/paced_limit.h"
#include "service/limit/permit.h"
#include "service/limit/rate_finder.h"

namespace harvest::limit {

/// Every limit of one teacher, all or nothing: a permit is taken from every dimension in one step or from none.
///
///   verdict = limiter.ask(demand, now, utc_us);   // changes nothing
///   if (verdict.granted) permit = limiter.take(demand, now, utc_us);
///   ... one attempt ...
///   limiter.learn(feedback, now); limiter.settle(permit, actual, now);
///
/// The two may come in either order. `now` never runs backwards. A verdict's ready_at holds as long as nothing is
/// taken, settled or learned: ask again then.
///
/// Per-minute dimensions are paced by GCRA with the rate (L - b) / (W + D), b one request or one large request's
/// tokens, so that no window of any enforcement model overflows (see gcra.h). Days and concurrency are counters; money
/// has caps of its own (wallet.h). A 429 lowers the paced rate to 0.8 of itself and holds everything until Retry-After;
/// each clean window gives 2 % back. Rates that nobody states are found (rate_finder.h) and remembered. A quota of the
/// day that the vendor says is used up parks the teacher until the vendor says that it is not. Demands: output_tokens
/// must be what the vendor counts at arrival, its cap where the vendor reserves the cap; settle() returns the rest. A
/// failed attempt keeps its request charged, and its tokens unless it was not processed.
///
/// After a restart, in this order: restore_found(), restore_day(), restart(), restore() for every attempt found open.
/// Pure: no clock, no I/O. Owned by the decision lane.
class Limiter {
 public:
  explicit Limiter(const v1::Limits& limits);

  Verdict ask(const Demand& demand, Instant now, int64_t utc_us) const;
  /// Requires that ask() would grant.
  Permit take(const Demand& demand, Instant now, int64_t utc_us);
  /// A permit for money alone (a batch's member, whose requests and tokens vendors count apart) changes nothing here.
  void settle(const Permit& permit, const Actual& actual, Instant now);
  void learn(const Feedback& feedback, Instant now);

  /// What an earlier run found out; `held_until` in the past where it was not held.
  void restore_found(const FoundRates& found, Instant held_until, Instant now);
  /// What is to be remembered for the next run.
  FoundRates found() const;
  /// Nothing is sent before: it is parked, or a 429 holds it. To be kept across restarts.
  Instant held_until() const { return std::max(parked_until_, backoff_.hold_until()); }

  /// Requests of the vendor's day of this moment, from the store at start; more than it may be, never fewer.
  void restore_day(int64_t utc_us, int64_t requests);
  /// Where that day began: the store counts by UTC days.
  uint32_t first_utc_day(int64_t utc_us) const { return day_.days().first_utc_day(utc_us); }
  uint32_t vendor_day(int64_t utc_us) const { return day_.days().day_of(utc_us); }
  bool is_of_day_before(int64_t sent_us, int64_t utc_us) const { return day_.is_of_before(sent_us, utc_us); }
  /// There was an earlier run, of whose last second nothing is known: nothing is in store at first.
  void restart(Instant now);
  /// An attempt of the earlier run that may still be running at the vendor: it holds its tokens and its place in the
  /// concurrency until its permit is settled. Its request is in the day's figures already.
  Permit restore(const Demand& demand, uint32_t day, Instant now);

  /// Changed limits apply from the next permit; what is in flight stays counted.
  void set_limits(const v1::Limits& limits);
  /// The server is one's own: it queues what it cannot run, and never says 429. Where nothing is stated, the time to
  /// first token then bounds how many are in flight.
  void expect_queue();
  /// Does its queue bound us? Then its own gauges, where it has some, are better than what its times tell.
  bool queues() const { return concurrency_.queues(); }
  void learn_waiting(int64_t waiting, int64_t running, Instant now) { concurrency_.told(waiting, running, now); }

  int64_t in_flight() const { return concurrency_.in_flight(); }
  /// Granted ÷ allowed over the last full window, per dimension; 0 where the dimension has no limit here. Of the
  /// counters (requests per day, concurrency) the share in use now.
  double utilization(Dimension dimension, Instant now) const;
  /// Whether the dimension has a limit, configured or (rates) learned from headers.
  bool limited(Dimension dimension) const;
  /// Attempts that may be in flight now; INT64_MAX where nothing bounds them.
  int64_t concurrency_bound() const { return concurrency_.bound(); }
  /// The paced rates as a share of the stated ones; 1 unless throttling or overload lowered them.
  double effective_ratio() const;
  /// The window that the vendor seems to enforce its requests over.
  int64_t window_seconds() const { return requests_.window_seconds(); }
  int64_t requests_today() const { return day_.requests(); }
  int64_t requests_on(int64_t utc_us) const { return day_.requests_on(utc_us); }

 private:
  void slow_down();
  void refused(const Feedback& feedback, Instant now);
  /// Of the dimension named, else of every rate that is stated.
  void doubt_windows(std::optional<Dimension> refused_by, Instant now);
  void pace_by_found(Instant now);
  int64_t stated_ppm() const;
  /// It was the number in flight that was refused, not those rates.
  void forget_found();
  void seek_what_is_not_stated();
  void configure_concurrency();
  /// As the limits count it: of a joint limit on tokens, output weighs where input does.
  Demand weighed(Demand demand) const;
  Actual weighed(Actual actual) const;
  Dimension input_dimension() const { return joint_ ? Dimension::kTokens : Dimension::kInputTokens; }

  PacedLimit requests_;
  PacedLimit input_tokens_;  ///< of a joint limit, all tokens
  PacedLimit output_tokens_;
  ConcurrencyWindow concurrency_;
  std::optional<int64_t> concurrency_max_;
  bool queues_ = false;
  bool joint_ = false;
  DayBook day_;
  Backoff backoff_;   ///< after 429s
  Backoff overload_;  ///< after the vendor said that it has too much to do
  RateFinder finder_;
  int unexplained_ = 0;  ///< 429s in a row that lower rates did not end
  Instant parked_until_ = Instant::min();
};

}  // namespace harvest::limit
