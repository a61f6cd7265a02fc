// How much of a known limit is used, and that it is never broken: every enforcement model, window and jitter.
#include <catch2/catch.hpp>
#include <cstdio>
#include <string>

#include "tests/simulation/saturated_client.h"

using harvest::simulation::kModels;
using harvest::simulation::plan_of;
using harvest::simulation::saturate;
using harvest::simulation::Saturation;
using harvest::simulation::Used;
using teachersim::limits::Enforcement;
using namespace std::chrono_literals;

namespace {

Saturation of_requests(uint64_t per_minute, uint32_t window_seconds, Enforcement enforcement) {
  Saturation given;
  given.limits.set_requests_per_minute(per_minute);
  given.limits.set_window_seconds(window_seconds);
  given.plan = plan_of(given.limits, enforcement);
  return given;
}

/// Input tokens bind: prompts of `low` to `high`, all of 1'000'000 a minute.
Saturation of_tokens(int64_t low, int64_t high, uint32_t window_seconds, Enforcement enforcement) {
  Saturation given;
  given.limits.set_input_tokens_per_minute(1'000'000);
  given.limits.set_window_seconds(window_seconds);
  given.plan = plan_of(given.limits, enforcement);
  given.input_low = low;
  given.input_high = high;
  return given;
}

/// Output is reserved by its cap and mostly given back.
Saturation of_refunds(int64_t cap, std::chrono::nanoseconds latency, uint32_t window_seconds, Enforcement enforcement) {
  Saturation given;
  given.limits.set_output_tokens_per_minute(1'000'000);
  given.limits.set_window_seconds(window_seconds);
  given.plan = plan_of(given.limits, enforcement);
  given.output_cap = cap;
  given.output_low = cap / 10;
  given.output_high = cap / 2;
  given.latency_low = latency / 2;
  given.latency_high = latency * 3 / 2;
  return given;
}

}  // namespace

TEST_CASE("a known limit is used up and never broken", "[simulation][pacing]") {
  for (const Enforcement model : kModels) {
    for (const uint64_t seed : {1u, 2u, 3u}) {
      INFO(teachersim::limits::name_of(model) << " seed " << seed);
      SECTION(std::string(teachersim::limits::name_of(model)) + " requests " + std::to_string(seed)) {
        Saturation given = of_requests(3000, 60, model);
        given.network.jitter = 200ms;
        given.timer_lateness = 2ms;
        given.seed = seed;
        const Used used = saturate(given);
        CHECK(used.throttled == 0);
        CHECK(used.utilisation >= 0.99);
      }
      SECTION(std::string(teachersim::limits::name_of(model)) + " tokens " + std::to_string(seed)) {
        Saturation given = of_tokens(100, 1000, 60, model);
        given.network.jitter = 200ms;
        given.timer_lateness = 2ms;
        given.seed = seed;
        const Used used = saturate(given);
        CHECK(used.throttled == 0);
        CHECK(used.utilisation >= 0.99);
      }
    }
  }
}

TEST_CASE("short windows and big prompts break no limit either", "[simulation][pacing]") {
  for (const Enforcement model : kModels) {
    for (const uint32_t window : {60u, 10u, 1u}) {
      for (const int64_t high : {2'000, 20'000, 300'000}) {
        const int64_t share = 1'000'000 * static_cast<int64_t>(window) / 60;
        if (high > share) continue;
        Saturation given = of_tokens(high / 50, high, window, model);
        given.network.jitter = 250ms;
        INFO(teachersim::limits::name_of(model) << " window " << window << " up to " << high);
        const Used used = saturate(given);
        CHECK(used.throttled == 0);
        CHECK(used.sent > 100);
      }
    }
  }
}

TEST_CASE("what a vendor gives back is used without breaking its windows", "[simulation][pacing]") {
  for (const Enforcement model : kModels) {
    for (const uint32_t window : {60u, 10u}) {
      for (const auto latency : {1s, 20s}) {
        Saturation given = of_refunds(1000, latency, window, model);
        given.network.jitter = 200ms;
        INFO(teachersim::limits::name_of(model) << " window " << window << " latency " << latency.count());
        const Used used = saturate(given);
        CHECK(used.throttled == 0);
      }
    }
  }
}

TEST_CASE("the table of utilisation", "[.table]") {
  std::printf("%-16s %6s %8s %10s  %-22s %8s %6s\n", "enforcement", "window", "jitter", "what", "", "used", "429s");
  for (const Enforcement model : kModels) {
    for (const uint32_t window : {60u, 10u, 1u}) {
      for (const auto jitter : {5ms, 200ms, 250ms}) {
        const auto row = [&](Saturation given, const char* what) {
          given.network.jitter = jitter;
          given.length = 4h;
          given.timer_lateness = 1ms;
          const Used used = saturate(given);
          std::printf("%-16s %5us %6ldms  %-32s %8.4f %6ld of %ld\n",
                      std::string(teachersim::limits::name_of(model)).c_str(), window,
                      static_cast<long>(jitter.count()), what, used.utilisation, static_cast<long>(used.throttled),
                      static_cast<long>(used.sent));
        };
        row(of_requests(600, window, model), "600 requests/min");
        row(of_requests(6000, window, model), "6000 requests/min");
        row(of_tokens(100, 1000, window, model), "input <= 0.1 % of 1M/min");
        row(of_tokens(100, 10'000, window, model), "input <= 1 % of 1M/min");
        row(of_refunds(1000, 2s, window, model), "output cap 0.1 %, 30 % used, 2 s");
        row(of_refunds(1000, 20s, window, model), "output cap 0.1 %, 30 % used, 20 s");
      }
    }
  }
}
