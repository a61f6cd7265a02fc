#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>

namespace harvest::flow {

/// How many retries a teacher is asked to bear, so that a sick teacher is not buried under them:
///
///     retries of the last 60 s  <=  ratio * first attempts of the last 60 s  +  60 (one a second)
///
///   if (!budget.allow(now)) delay = max(delay, budget.wait(now));
///
/// A retry over budget is never dropped: it goes behind those that wait already, spaced as the budget lets them
/// through, and counts when it comes back. Kept in whole seconds. Pure; one per teacher, decision lane.
class RetryBudget {
 public:
  using Instant = std::chrono::nanoseconds;  ///< monotonic, as the limiter's

  static constexpr double kRatioDefault = 0.1;
  /// Nobody waits longer, even if the crowd then comes back denser than the budget.
  static constexpr Instant kWaitMax = std::chrono::minutes(10);

  explicit RetryBudget(double ratio = kRatioDefault);

  void first_attempt(Instant now);
  /// Takes one retry from the budget; false when it is over, or when others wait already.
  bool allow(Instant now);
  /// For a retry that was not allowed: how long it stays away. Each call is for one more query.
  Instant wait(Instant now);

 private:
  static constexpr int64_t kSeconds = 60;
  struct Second {
    int64_t index = -1;
    int64_t first_attempts = 0;
    int64_t retries = 0;
  };
  Second& at(Instant when);
  /// What the budget lets through in a minute, as of the last one.
  double most(Instant now) const;
  int64_t retries(Instant now) const;
  /// Counts those whose wait is over.
  void return_due(Instant now);

  double ratio_;
  std::array<Second, kSeconds> seconds_{};
  std::deque<Instant> due_;  ///< when the ones sent away come back, ascending
};

}  // namespace harvest::flow
