#pragma once

#include <optional>
#include <string_view>

#include "service/plan/forecast.h"

namespace harvest::plan {

/// A limit per minute, as it is kept to: in every window, whatever the network's jitter.
struct MinuteLimit {
  double per_minute = 0;
  double window_seconds = 60;
  double jitter_seconds = 0.25;
};

/// What a teacher (or an account) grants. What is left out bounds nothing that is known.
struct Allowance {
  std::optional<MinuteLimit> requests, input_tokens, output_tokens;
  std::optional<MinuteLimit> tokens;  ///< input and output in one figure
  double concurrency = 0;             ///< attempts in flight
  struct Day {
    double left = 0;  ///< requests of today
    double per_day = 0;
    double seconds_to_midnight = 0;
  };
  std::optional<Day> day;
};

/// What is asked of it.
struct Load {
  Interval requests, input_tokens, output_tokens;
  Interval busy_seconds;       ///< of all attempts together
  double seconds = 0;          ///< of one attempt, on average; 0: not known
  double slowest_seconds = 0;  ///< that was seen
  double input_largest = 0;    ///< tokens of one request
  double output_reserved = 0;  ///< tokens: the cap of a request, held until its answer is there

  Load& operator+=(const Load& other);
};

struct Pace {
  Interval seconds;
  /// What decides it, by the name that `why` has for it: a limit, or `teacher` where its answers alone take the time.
  /// Empty: nothing is known.
  std::string_view binding;
};

/// How long the load takes until its last answer: what the scarcest limit lets through, and the last answer besides.
/// README.md has the formulas. Pure.
Pace pace_of(const Load& load, const Allowance& allowance);

}  // namespace harvest::plan
