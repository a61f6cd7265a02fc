#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "service/limit/demand.h"

namespace harvest::limit {

/// How many attempts may be in flight at a server that never says 429 but queues: a self-hosted vLLM and its like. The
/// time to first token tells how long an attempt waited for a slot; whatever comes after it is the length of its answer
/// and says nothing.
///
///     g     = clamp((round - wait) / round, 0.5, 1)
///     new   = g * in flight + headroom
///     bound = bound + 0.1 * (new - bound)
///
///     wait:     the average first token - floor - 50 ms, a step of the model
///     round:    the time that as many first tokens took as were in flight
///     headroom: 0.8 * sqrt(bound), the number that we let wait
///
/// That is the Gradient2 of Netflix's concurrency-limits (Gradient2Limit.java: g = clamp(1.5 * long / short, 0.5, 1),
/// new = g * bound + 4, smoothing 0.2) with three changes. As given, its bound swings by factors of 2 to 13 within a
/// minute, it leaves up to a third of a server idle, and within an hour it had 2,300 wait for 8 slots (README.md):
///
/// - It divides averages of the first tokens' times. Those are a tenth of a second without a queue and seconds with the
///   shortest one, so that its gradient knows only 0.5 and 1. By Little's law wait / round is the share of those in
///   flight that wait, so g * in flight is what the server runs at once.
/// - It multiplies the bound, which has moved on when a first token tells of the queue that it was sent into. How many
///   were in flight at that sending belongs to the same moment: corrections do not add up, and nothing swings.
/// - Its long average follows a standing queue upwards. Here every ten rounds (600 first tokens at least) one round is
///   run with as many fewer as seem to wait, a quarter at most, and the least average of that round is the new floor.
///
/// Attempts sent into less than half of the bound are not looked at: there the bound was not tried.
///
/// Where the server's own gauges can be read (vllm:num_requests_waiting and _running), they are simpler: while the last
/// reading is younger than 5 s, they alone move the bound, and keep one or two waiting. (Of answers of few tokens they
/// count those who wait for the next step: there first tokens are better.)
///
/// The bound is never below 2: one that runs and one that waits. Several servers behind one address are one server
/// here; their gauges are to be added. Pure; owned by the Limiter, decision lane. `now` never runs backwards. 64 KB at
/// most.
class FirstTokenGradient {
 public:
  /// An attempt got its first token, `first_token` after it was sent; `in_flight`: at that sending, itself included.
  /// Of one that was not streamed, what FirstTokenEstimate makes of its duration. Only of attempts that were answered:
  /// an error page comes without a queue.
  void learn(Instant first_token, int64_t in_flight, Instant now);
  /// The server's gauges, whoever's requests they count; `in_flight`: ours, now.
  void learn_waiting(int64_t waiting, int64_t running, int64_t in_flight, Instant now);

  /// As an earlier run found it; moves on from there.
  void restore(int64_t bound);
  int64_t bound() const { return static_cast<int64_t>(drained_to_.value_or(bound_)); }

 private:
  void remember(Instant first_token, Instant now);
  /// Keeps count of the rounds; true while one is run to find the floor.
  bool draining();
  double headroom() const;
  /// By Little's law how long one of these takes as a whole; none until a round has passed.
  std::optional<double> round_ns(int64_t in_flight) const;

  double bound_ = 16;
  std::deque<Instant> times_;  ///< of the last first tokens
  std::optional<double> average_ns_;
  double floor_ns_ = 0;               ///< what a first token takes where none waits
  double waiting_ = 0;                ///< how many seem to wait, on average
  double samples_ = 0;                ///< since the floor was last looked for, or while it is
  std::optional<double> drained_to_;  ///< the bound while the floor is looked for
  Instant gauges_hold_until_ = Instant::min();
};

}  // namespace harvest::limit
