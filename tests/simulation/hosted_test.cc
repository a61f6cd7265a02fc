// Hosted vendors that count otherwise than requests in a window: calls at once, input and output in one figure, output
// only when it is there.
#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>

#include "tests/simulation/saturated_client.h"

using harvest::simulation::kModels;
using harvest::simulation::Network;
using harvest::simulation::saturate;
using harvest::simulation::Saturation;
using harvest::simulation::Time;
using harvest::simulation::Used;
using teachersim::limits::Enforcement;
using teachersim::limits::OutputAccounting;
using namespace std::chrono_literals;

namespace {

double per_thousand(const Used& used) {
  return 1000.0 * static_cast<double>(used.throttled) / static_cast<double>(std::max<int64_t>(used.sent, 1));
}

/// What was granted in the minutes from the second one on, each.
std::vector<double> minutes_of(const Used& used) {
  std::vector<double> minutes;
  for (size_t begin = 60; begin + 60 <= used.each_second.size(); begin += 60)
    minutes.push_back(static_cast<double>(std::accumulate(used.each_second.begin() + static_cast<ptrdiff_t>(begin),
                                                          used.each_second.begin() + static_cast<ptrdiff_t>(begin) + 60,
                                                          int64_t{0})));
  return minutes;
}

}  // namespace

TEST_CASE("a vendor that bounds only what is in flight hardly ever refuses, and what it runs does not swing",
          "[simulation][hosted]") {
  for (const int64_t places : {8, 64, 256}) {
    Saturation given;
    given.plan.concurrency = places;
    given.tells_retry_after = false;
    given.latency_low = 1s;
    given.latency_high = 4s;
    given.timer_lateness = 1ms;
    given.length = 21min;
    given.measured_from = 1min;
    const Used used = saturate(given);
    const std::vector<double> minutes = minutes_of(used);
    const double most = static_cast<double>(places) * 60 / 2.5;  // calls of 2.5 s in the mean
    const double mean = std::accumulate(minutes.begin(), minutes.end(), 0.0) / static_cast<double>(minutes.size());
    const auto [low, high] = std::minmax_element(minutes.begin(), minutes.end());
    INFO(places << " places: " << mean / most << " used, a minute from " << *low / most << " to " << *high / most
                << ", " << per_thousand(used) << " 429s in 1,000");
    // What a 429 costs is a share of the places, won back one by one: so few places are used less well.
    CHECK(mean / most >= (places < 16 ? 0.6 : places < 128 ? 0.8 : 0.88));
    CHECK(*high / *low <= 1.35);
    CHECK(per_thousand(used) <= 5);
  }
}

TEST_CASE("a joint limit on tokens is used up and never broken, whatever the cap holds back", "[simulation][hosted]") {
  for (const Enforcement enforcement : kModels) {
    Saturation given;
    given.limits.set_tokens_per_minute(600'000);
    given.plan.tokens_per_minute = 600'000;
    given.plan.enforcement = enforcement;
    given.input_low = 100;
    given.input_high = 500;
    given.output_cap = 400;
    given.output_low = 100;
    given.output_high = 400;
    given.latency_low = 1s;
    given.latency_high = 4s;
    given.timer_lateness = 1ms;
    given.length = 21min;
    given.measured_from = 1min;
    const Used used = saturate(given);
    const double share = static_cast<double>(used.input_tokens + used.output_tokens) / (600'000.0 * 20);
    INFO(static_cast<int>(enforcement) << ": " << share);
    CHECK(used.throttled == 0);
    CHECK(share >= 0.95);
  }
}

TEST_CASE("output that counts only when it is there breaks no limit, however long answers take",
          "[simulation][hosted]") {
  for (const Enforcement enforcement : {Enforcement::kTokenBucket, Enforcement::kSlidingLog})
    for (const Time slowest : {5s, 60s}) {
      Saturation given;
      given.limits.set_output_tokens_per_minute(200'000);
      given.plan.output_tokens_per_minute = 200'000;
      given.plan.output_accounting = OutputAccounting::kActual;
      given.plan.enforcement = enforcement;
      given.output_low = 50;
      given.output_high = 250;
      given.output_cap = 1000;
      given.output_reserved = 240;  // the p95 of what answers take (TeacherDesk)
      given.latency_low = 2s;
      given.latency_high = slowest;
      given.timer_lateness = 1ms;
      given.length = 21min;
      given.measured_from = 1min;
      const Used used = saturate(given);
      const double share = static_cast<double>(used.output_tokens) / (200'000.0 * 20);
      // What is reserved and not used comes back only within the vendor's window (service/limit/README.md).
      const double used_share = 150.0 / 240,
                   held_seconds = std::chrono::duration<double>(given.latency_low + slowest).count() / 2;
      const double most = used_share * 60 / (used_share * 60 + (1 - used_share) * held_seconds);
      INFO(static_cast<int>(enforcement) << ", up to " << slowest / 1s << " s: " << share << " of " << most << ", "
                                         << per_thousand(used));
      CHECK(used.throttled == 0);
      CHECK(share >= 0.97 * most);
    }
}
