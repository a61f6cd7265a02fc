#include "tests/simulation/limit_rows.h"

#include <algorithm>
#include <cmath>

namespace harvest::simulation {
namespace {

using namespace std::chrono_literals;
constexpr Time kLength = 15min;
constexpr Time kRestart = 10min;
constexpr Time kFirst = 1min;

int64_t per_minute(Load load) {
  return load == Load::kRequests ? kRequestsPerMinute : kTokensPerMinute;
}

std::function<std::unique_ptr<Pacer>()> pacer(Way way, Load load) {
  const Counts counts = load == Load::kRequests ? Counts::kRequests : Counts::kInputTokens;
  const int64_t limit = per_minute(load);
  switch (way) {
    case Way::kFixedWindowCounter:
      return [=] { return fixed_window_counter(limit, counts); };
    case Way::kTokenBucket:
      return [=] { return token_bucket(limit, counts); };
    case Way::kAdditiveIncrease:
      return [] { return additive_increase(); };
    default:
      return {};
  }
}

/// Seconds from `from` until a minute begins that is used like the whole.
double converged(const std::vector<int64_t>& seconds, size_t from, double each_second) {
  size_t at = from;
  while (at + 60 < seconds.size()) {
    int64_t sum = 0;
    for (size_t i = at; i < at + 60; ++i) sum += seconds[i];
    if (static_cast<double>(sum) >= 0.95 * 60 * each_second) break;
    ++at;
  }
  return static_cast<double>(at - from);
}

Spread spread(std::vector<double> of) {
  std::sort(of.begin(), of.end());
  return {.least = of.front(), .median = of[of.size() / 2], .most = of.back()};
}

}  // namespace

std::string name_of(Way way) {
  switch (way) {
    case Way::kStated:
      return "ours, stated";
    case Way::kLearned:
      return "ours, learned";
    case Way::kFixedWindowCounter:
      return "fixed-window counter";
    case Way::kTokenBucket:
      return "bucket of the full limit";
    case Way::kAdditiveIncrease:
      return "AIMD on concurrency";
  }
  return "";
}

double bound(const Kind& kind, const Network& network) {
  return kind.window_seconds / (kind.window_seconds + std::chrono::duration<double>(network.spread()).count());
}

Figures measure(const Kind& kind, const Network& network, Load load, Way way, uint64_t seed) {
  v1::Limits granted;
  granted.set_window_seconds(kind.window_seconds);
  Saturation given;
  if (load == Load::kRequests) {
    granted.set_requests_per_minute(static_cast<uint64_t>(kRequestsPerMinute));
  } else {
    granted.set_input_tokens_per_minute(static_cast<uint64_t>(kTokensPerMinute));
    const int64_t share = kTokensPerMinute * kind.window_seconds / 60;
    given.input_low = share / 50;
    given.input_high = share / 10;
  }
  given.plan = plan_of(granted, kind.enforcement);
  if (way == Way::kStated) {
    given.limits = granted;
    given.limits.set_network_jitter_ms(static_cast<uint32_t>(network.spread() / 1ms));
  }
  given.pacer = pacer(way, load);
  given.network = network;
  given.latency_low = 1s;
  given.latency_high = 4s;
  given.timer_lateness = 1ms;
  given.length = kLength;
  given.measured_from = kFirst;
  given.restarts_at = kRestart;
  given.seed = seed;
  const Used used = saturate(given);

  const double each_second = used.utilisation * static_cast<double>(per_minute(load)) / 60;
  return {
      .used = used.utilisation,
      .refused = 1000.0 * static_cast<double>(used.throttled) / static_cast<double>(std::max<int64_t>(used.sent, 1)),
      .refused_at_first = static_cast<double>(used.throttled_before),
      .converged = converged(used.each_second, 0, each_second),
      .converged_again = converged(used.each_second, static_cast<size_t>(kRestart / 1s), each_second)};
}

Row row(const Kind& kind, const Network& network, Load load, Way way, uint64_t seeds) {
  std::vector<Figures> runs;
  for (uint64_t seed = 1; seed <= seeds; ++seed) runs.push_back(measure(kind, network, load, way, seed));
  const auto over = [&](double Figures::*figure) {
    std::vector<double> values;
    for (const Figures& run : runs) values.push_back(run.*figure);
    return spread(values);
  };
  return {.used = over(&Figures::used),
          .refused = over(&Figures::refused),
          .refused_at_first = over(&Figures::refused_at_first),
          .converged = over(&Figures::converged),
          .converged_again = over(&Figures::converged_again)};
}

}  // namespace harvest::simulation
