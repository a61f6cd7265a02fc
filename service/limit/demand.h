#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace harvest::limit {

/// Monotonic time since an epoch of the caller's choosing. Never wall time.
using Instant = std::chrono::nanoseconds;
constexpr Instant kNever = Instant::max();  ///< only an event can change it, or nothing

/// What can bound an attempt. The names are DESIGN's, used in metrics, `why` and progress lines.
enum class Dimension : uint8_t {
  kNone,
  kRequests,
  kInputTokens,
  kOutputTokens,
  kTokens,  ///< input and output in one figure
  kRequestsPerDay,
  kConcurrency,
  kTeacherBudget,
  kTenantBudget,
  kJobBudget,
  kBackoff,     ///< a 429 or an overload named a time, or none
  kBreaker,     ///< none of its endpoints answers
  kJobCeiling,  ///< what the job may take of this teacher at most, or have in flight: see ceiling.h
  kLearning,    ///< nothing is known of its rates yet: see slow_start.h
};

std::string_view name_of(Dimension dimension);

/// Is it one of a Limiter's, so that whoever asks that limiter is bound alike? Else it binds one teacher, job or
/// tenant.
bool is_limit(Dimension dimension);

/// What one attempt takes from every dimension: an estimate for tokens per minute, a bound for money.
struct Demand {
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
  int64_t cost_picodollars = 0;
};

/// What the attempt really took, told when it is settled.
struct Actual {
  int64_t input_tokens = 0;
  int64_t uncounted_input_tokens = 0;  ///< of these: read from a cache, by a vendor whose limits do not count that
  int64_t output_tokens = 0;
  int64_t cost_picodollars = 0;
  /// May have been billed without an answer: the reserved cost stays spent, as `at risk`, and the
  /// reserved tokens stay charged.
  bool at_risk = false;
  /// The vendor did not admit it (throttled, never reached): tokens and money go back whole.
  bool unprocessed = false;

  /// What weighs on the vendor's limits.
  int64_t input_weight() const { return unprocessed ? 0 : std::max<int64_t>(input_tokens - uncounted_input_tokens, 0); }
  int64_t output_weight() const { return unprocessed ? 0 : output_tokens; }
};

/// May it go now? If not: when to ask again at the earliest (kNever when only an event can change it), and why.
struct Verdict {
  /// Found to bind as well: only what binds longest is kept. A granted verdict is ready now.
  void bind(Dimension dimension, Instant until) {
    if (until > ready_at) *this = {.ready_at = until, .binding = dimension};
  }

  bool granted = false;
  Instant ready_at{};
  Dimension binding = Dimension::kNone;
};

/// Of two verdicts about one attempt at one time: what binds longer; the first where they bind alike.
Verdict later(const Verdict& a, const Verdict& b);

}  // namespace harvest::limit
