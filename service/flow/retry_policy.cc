#include "service/flow/retry_policy.h"

#include <algorithm>
#include <cassert>

namespace harvest::flow {
namespace {

using Nanoseconds = std::chrono::nanoseconds;

constexpr Nanoseconds kDelayUnit = std::chrono::seconds(1);
constexpr Nanoseconds kDelayMax = std::chrono::seconds(60);
constexpr uint32_t kDoublingsMax = 6;  // 64 s is beyond kDelayMax
constexpr Nanoseconds kRetryAfterMax = std::chrono::minutes(10);
constexpr double kRetryAfterSpread = 0.1;

Nanoseconds share(Nanoseconds length, double part) {
  return Nanoseconds(static_cast<int64_t>(static_cast<double>(length.count()) * part));
}

}  // namespace

RetryPolicy::RetryPolicy(uint32_t attempts_max) : attempts_max_(attempts_max) {
  assert(attempts_max > 0);
}

Decision RetryPolicy::decide(const History& history, const dialect::Outcome& outcome, double draw, bool sent) const {
  assert(draw >= 0 && draw < 1);
  switch (outcome.kind) {
    case v1::ANSWERED:
    case v1::REFUSED:
      return {.verb = Decision::Verb::kAccept};
    case v1::HALTED:
      return {.verb = Decision::Verb::kHaltTeacher, .attempt_counts = false};
    case v1::THROTTLED:
      // What was begun and then throttled may have been billed: it is tried as seldom as what faults.
      if (outcome.may_be_billed()) return again_if_left(history, outcome, draw);
      if (outcome.retry == dialect::Retry::kPermanent || history.throttled + 1 >= kThrottledMax) {
        return {.verb = Decision::Verb::kGiveUp};
      }
      return again(history.throttled, outcome, draw, false);
    case v1::FAULTED:
      if (!sent && outcome.retry == dialect::Retry::kSafe) return again(history.attempts, outcome, draw, false);
      return again_if_left(history, outcome, draw);
    default:  // rejected
      return {.verb = Decision::Verb::kGiveUp};
  }
}

Decision RetryPolicy::again_if_left(const History& history, const dialect::Outcome& outcome, double draw) const {
  const bool used_up = history.attempts + 1 >= attempts_max_ || history.crashes + 1 >= kCrashesMax;
  if (outcome.retry == dialect::Retry::kPermanent || used_up) return {.verb = Decision::Verb::kGiveUp};
  return again(history.attempts, outcome, draw, true);
}

Decision RetryPolicy::again(uint32_t failures, const dialect::Outcome& outcome, double draw, bool counts) const {
  const Nanoseconds most = std::min(kDelayMax, kDelayUnit * (int64_t{1} << std::min(failures, kDoublingsMax)));
  Nanoseconds delay = share(most, draw);
  if (outcome.retry_after) {
    const Nanoseconds floor = std::clamp(*outcome.retry_after, Nanoseconds::zero(), kRetryAfterMax);
    delay = std::max(delay, floor + share(floor, kRetryAfterSpread * draw));
  }
  return {.verb = Decision::Verb::kRetryAt, .delay = delay, .attempt_counts = counts};
}

}  // namespace harvest::flow
