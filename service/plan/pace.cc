#include "service/plan/pace.h"

#include <algorithm>
#include <cmath>

namespace harvest::plan {

namespace {

constexpr double kDaySeconds = 86'400;
/// What a job takes beside its answers: it is read, noted on disk, and told as ended.
constexpr double kBeginAndEnd = 0.25;
/// A run differs from the same run: timers, fsync, how answers happen to fall. Shares of the time, and seconds.
constexpr double kFaster = 0.93, kSlower = 1.07, kSlowerSeconds = 1;

/// The time that a limit per minute needs for an amount: limits are paced at (L - b) / (W + D), b a large request and a
/// thousandth of the window; the first b goes at once. `held`: seconds of reservation in flight that come back, for
/// each unit taken.
double seconds_at(const MinuteLimit& limit, double amount, double largest, double held) {
  const double window = limit.per_minute * limit.window_seconds / 60;
  const double burst = std::min(largest + window / 1000, window / 2);
  const double span = limit.window_seconds + limit.jitter_seconds;
  return std::max(0.0, amount - burst) * (span + held) / (window - burst);
}

/// Until a quota of so many requests a day has let these through.
double seconds_of_days(const Allowance::Day& day, double requests) {
  const double later = requests - day.left;
  if (later <= 0 || day.per_day <= 0) return 0;
  return day.seconds_to_midnight + std::floor((later - 1) / day.per_day) * kDaySeconds;
}

/// The longest so far, and what it is of.
struct Longest {
  double seconds = 0;
  std::string_view binding;

  void weigh(std::string_view name, double needed) {
    if (needed > seconds) *this = {needed, name};
  }
};

Longest longest_of(const Load& load, const Allowance& allowance, double Interval::*which) {
  Longest longest;
  // The answers themselves, were nothing else to be waited for: the last one begins when all others are under way.
  longest.weigh("teacher", load.seconds);
  if (allowance.requests) longest.weigh("requests", seconds_at(*allowance.requests, load.requests.*which, 1, 0));
  if (allowance.input_tokens)
    longest.weigh("input_tokens", seconds_at(*allowance.input_tokens, load.input_tokens.*which, load.input_largest, 0));
  const double an_answer = load.output_tokens.expected / std::max(1.0, load.requests.expected);
  const double given_back = std::max(0.0, load.output_reserved - an_answer);
  if (allowance.output_tokens) {
    const double held = an_answer > 0 ? load.seconds * given_back / an_answer : 0;
    longest.weigh("output_tokens",
                  seconds_at(*allowance.output_tokens, load.output_tokens.*which, load.output_reserved, held));
  }
  if (allowance.tokens) {
    const double a_call = an_answer + load.input_tokens.expected / std::max(1.0, load.requests.expected);
    const double held = a_call > 0 ? load.seconds * given_back / a_call : 0;
    longest.weigh("tokens", seconds_at(*allowance.tokens, load.input_tokens.*which + load.output_tokens.*which,
                                       load.input_largest + load.output_reserved, held));
  }
  if (allowance.day) longest.weigh("requests_per_day", seconds_of_days(*allowance.day, load.requests.*which));
  // Fewer requests than places bind nothing.
  if (allowance.concurrency > 0 && load.requests.*which > allowance.concurrency)
    longest.weigh("concurrency", load.busy_seconds.*which / allowance.concurrency);
  return longest;
}

}  // namespace

Load& Load::operator+=(const Load& other) {
  const double mine = requests.expected, theirs = other.requests.expected;
  if (mine + theirs > 0) seconds = (seconds * mine + other.seconds * theirs) / (mine + theirs);
  requests += other.requests;
  input_tokens += other.input_tokens;
  output_tokens += other.output_tokens;
  busy_seconds += other.busy_seconds;
  slowest_seconds = std::max(slowest_seconds, other.slowest_seconds);
  input_largest = std::max(input_largest, other.input_largest);
  output_reserved = std::max(output_reserved, other.output_reserved);
  return *this;
}

Pace pace_of(const Load& load, const Allowance& allowance) {
  if (load.requests.high <= 0) return {};
  const Longest expected = longest_of(load, allowance, &Interval::expected);
  // The last to begin is an answer like any other, as far as is known; at worst it is the slowest.
  const double low = longest_of(load, allowance, &Interval::low).seconds;
  const double high = longest_of(load, allowance, &Interval::high).seconds;
  const double last = std::max(load.seconds, load.slowest_seconds);
  return {.seconds = {low * kFaster, expected.seconds + load.seconds + kBeginAndEnd,
                      high * kSlower + last + kSlowerSeconds},
          .binding = expected.binding};
}

}  // namespace harvest::plan
