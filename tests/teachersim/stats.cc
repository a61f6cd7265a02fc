#include "tests/teachersim/stats.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

namespace teachersim {
namespace {

namespace json = boost::json;
using limits::Dimension;
using limits::kDimensions;
using limits::Utilisation;

double seconds(limits::Time length) {
  return std::chrono::duration<double>(length).count();
}

json::object window_of(const Utilisation::Window& window, const limits::Plan& plan, limits::Time now) {
  json::object out{{"start_s", seconds(window.start)}, {"complete", window.start + Utilisation::kWindow <= now}};
  for (std::size_t i = 0; i < kDimensions; ++i) {
    const auto dimension = static_cast<Dimension>(i);
    const std::int64_t limit = limits::granted_by(plan, dimension);
    json::object use{{"granted", window.granted[i]}};
    if (limit > 0) {
      use["limit"] = limit;
      use["ratio"] = static_cast<double>(window.granted[i]) / static_cast<double>(limit);
    }
    out[limits::name_of(dimension)] = std::move(use);
  }
  return out;
}

}  // namespace

void count_answer(Stats& stats, const Usage& usage, std::int64_t picodollars, bool refused) {
  ++stats.answered;
  stats.refused += refused ? 1 : 0;
  stats.picodollars += picodollars;
  stats.usage.input_tokens += usage.input_tokens;
  stats.usage.cached_tokens += usage.cached_tokens;
  stats.usage.output_tokens += usage.output_tokens;
  stats.usage.reasoning_tokens += usage.reasoning_tokens;
}

std::string to_json(const Stats& stats, const limits::Limits& limits, limits::Time now) {
  json::object throttled;
  std::int64_t throttled_sum = 0;
  for (std::size_t i = 0; i < kDimensions; ++i) {
    throttled[limits::name_of(static_cast<Dimension>(i))] = stats.throttled[i];
    throttled_sum += stats.throttled[i];
  }
  json::object failed;
  std::int64_t failed_sum = 0;
  for (const auto& [reason, count] : stats.failed) {
    failed[reason] = count;
    failed_sum += count;
  }
  json::array windows;
  for (const Utilisation::Window& window : limits.utilisation().windows()) {
    windows.push_back(window_of(window, limits.plan(), now));
  }
  const json::object out{{"uptime_s", seconds(now)},
                         {"requests", stats.requests},
                         {"answered", stats.answered},
                         {"refused", stats.refused},
                         {"throttled_total", throttled_sum},
                         {"throttled", std::move(throttled)},
                         {"failed_total", failed_sum},
                         {"failed", std::move(failed)},
                         {"input_tokens", stats.usage.input_tokens},
                         {"cached_tokens", stats.usage.cached_tokens},
                         {"output_tokens", stats.usage.output_tokens},
                         {"reasoning_tokens", stats.usage.reasoning_tokens},
                         {"billed_picodollars", stats.picodollars},
                         {"billed_usd", usd(stats.picodollars)},
                         {"in_flight", limits.in_flight()},
                         {"peak_in_flight", stats.peak_in_flight},
                         {"connections", stats.connections},
                         {"windows", std::move(windows)}};
  return json::serialize(out) + "\n";
}

}  // namespace teachersim
