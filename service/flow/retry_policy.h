#pragma once

#include <chrono>
#include <cstdint>

#include "service/dialect/outcome.h"

namespace harvest::flow {

/// What a query has been through before this attempt.
struct History {
  uint32_t attempts = 0;   ///< that counted
  uint32_t throttled = 0;  ///< 429s, where the caller keeps them; they do not count as attempts
  uint32_t crashes = 0;    ///< times that its intent was found open after a crash
};

/// What becomes of it now.
struct Decision {
  enum class Verb : uint8_t {
    kAccept,       ///< answered or refused: the pair is stored
    kRetryAt,      ///< asked again after `delay`
    kGiveUp,       ///< ends in the outcome it has
    kHaltTeacher,  ///< the teacher is halted; the query goes back, to be asked when the halt is lifted
  };
  Verb verb = Verb::kAccept;
  std::chrono::nanoseconds delay{};
  bool attempt_counts = true;  ///< uses up one of the query's attempts
};

/// Decides from an attempt's outcome and the query's history whether it is asked again, and when.
///
///   answered, refused   accept
///   rejected            give up: it would end the same way
///   halted              halt the teacher; the attempt does not count
///   throttled           again, not counted as an attempt: the limit's fault, not the query's; once part of an
///                       answer had come, as faulted
///   not sent            again, not counted: nobody was asked; the endpoint's breaker paces it
///   faulted             again until `attempts_max` attempts are used up; at once given up where a retry cannot help
///
///   delay = U(0, min(60 s, 1 s * 2^n))    full jitter; n counts what failed before
///           at least Retry-After (at most 10 minutes) + U(0, 10 %), so that not all come back at once
///
/// A query that was quarantined for its crashes is not decided here but at start, before it is read; one crash less
/// than that already makes a fault its last. Pure: the random `draw` in [0, 1) is an argument.
class RetryPolicy {
 public:
  static constexpr uint32_t kAttemptsMaxDefault = 6;
  /// A query that is throttled this often is told so: with holds between, that is days of a teacher that does not serve
  /// it.
  static constexpr uint32_t kThrottledMax = 10'000;
  static constexpr uint32_t kCrashesMax = 3;

  explicit RetryPolicy(uint32_t attempts_max = kAttemptsMaxDefault);

  /// `sent`: may request bytes have reached the teacher?
  Decision decide(const History& history, const dialect::Outcome& outcome, double draw, bool sent = true) const;

 private:
  /// Again while attempts are left.
  Decision again_if_left(const History& history, const dialect::Outcome& outcome, double draw) const;
  Decision again(uint32_t failures, const dialect::Outcome& outcome, double draw, bool counts) const;

  uint32_t attempts_max_;
};

}  // namespace harvest::flow
