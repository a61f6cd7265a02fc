// Limits that nobody states: how soon they are found, how much of them is used, and how many 429s that costs.
#include <catch2/catch.hpp>
#include <cstdio>
#include <string>

#include "tests/simulation/limit_rows.h"
#include "tests/simulation/saturated_client.h"

using harvest::simulation::Kind;
using harvest::simulation::kKinds;
using harvest::simulation::kNetworks;
using harvest::simulation::Network;
using harvest::simulation::plan_of;
using harvest::simulation::saturate;
using harvest::simulation::Saturation;
using harvest::simulation::Used;
using namespace std::chrono_literals;

namespace {

Saturation unknown(const Kind& kind, const Network& network, uint64_t per_minute) {
  harvest::v1::Limits granted;
  granted.set_requests_per_minute(per_minute);
  granted.set_window_seconds(kind.window_seconds);
  Saturation given;
  given.plan = plan_of(granted, kind.enforcement);
  given.network = network;
  given.latency_low = 1s;
  given.latency_high = 4s;
  given.timer_lateness = 1ms;
  return given;
}

double per_thousand(const Used& used) {
  return 1000.0 * static_cast<double>(used.throttled) / static_cast<double>(std::max<int64_t>(used.sent, 1));
}

}  // namespace

TEST_CASE("a limit that nobody states is found within a minute, used up, and hardly ever broken",
          "[simulation][learning]") {
  for (const Kind& kind : kKinds) {
    for (const Network& network : kNetworks) {
      Saturation given = unknown(kind, network, 600);
      given.measured_from = 1min;
      given.length = 41min;
      const Used used = saturate(given);
      INFO(kind.name << ", " << network.name);
      // Over windows of a second the network's own spread forbids more: what pacing a stated limit would reach there.
      const double goal = kind.window_seconds > 1 ? 0.95 : 0.75;
      CHECK(used.utilisation >= goal);
      CHECK(per_thousand(used) <= 1);
    }
  }
}

TEST_CASE("a vendor that does not say when to come back is used up as well, and hardly ever broken",
          "[simulation][learning]") {
  for (const Kind& kind : kKinds)
    for (const uint64_t rpm : {6000u, 60'000u})
      for (const Network& network : kNetworks) {
        // Some seconds each; the other kinds do as the fixed window and the windows of a second do.
        const bool telling =
            kind.enforcement == teachersim::limits::Enforcement::kFixedWindow && kind.window_seconds != 10;
        if (rpm > 10'000 &&
            (network.spread() > 5ms || !(telling || kind.enforcement == teachersim::limits::Enforcement::kTokenBucket)))
          continue;
        Saturation given = unknown(kind, network, rpm);
        given.tells_retry_after = false;
        given.measured_from = 1min;
        given.length = rpm > 10'000 ? 6min : 11min;
        const Used used = saturate(given);
        INFO(kind.name << ", " << network.name << ", " << rpm << " a minute");
        // Where windows are as short as a second each 429 costs two, and the slowest network brings more of them.
        const bool slowest = kind.window_seconds == 1 && network.spread() > 1s;
        CHECK(used.utilisation >= (slowest ? 0.9 : 0.94));
        CHECK(per_thousand(used) <= 1);
      }
}

TEST_CASE("what was found is known after a restart", "[simulation][learning]") {
  for (const Kind& kind : kKinds) {
    Saturation given = unknown(kind, kNetworks[0], 600);
    given.restarts_at = 20min;
    given.measured_from = 20min + 5s;
    given.length = 30min;
    const Used used = saturate(given);
    INFO(kind.name);
    CHECK(used.utilisation >= 0.95);
    CHECK(used.throttled <= 10);
  }
}

TEST_CASE("a limit that was raised is found again, and one that was lowered is kept at once",
          "[simulation][learning]") {
  for (const Kind& kind : kKinds) {
    Saturation given = unknown(kind, kNetworks[0], 1200);
    given.plan_then = unknown(kind, kNetworks[0], 2400).plan;
    given.changes_at = 10min;
    given.measured_from = 50min;
    given.length = 60min;
    INFO(kind.name);
    CHECK(saturate(given).utilisation >= 0.9);

    given.plan_then = unknown(kind, kNetworks[0], 600).plan;
    given.measured_from = 13min;
    given.length = 43min;
    const Used lowered = saturate(given);
    CHECK(lowered.utilisation >= 0.9);
    CHECK(per_thousand(lowered) <= 2);
  }
}

TEST_CASE("somebody else on the same key takes his part and gives it back", "[simulation][learning]") {
  for (const Kind& kind : kKinds) {
    Saturation given = unknown(kind, kNetworks[0], 600);
    given.neighbour_from = 5min;
    given.neighbour_until = 20min;
    given.neighbour_per_minute = 300;
    given.measured_from = 50min;
    given.length = 70min;
    INFO(kind.name);
    CHECK(saturate(given).utilisation >= 0.85);
  }
}

TEST_CASE("the table of unknown limits", "[.table]") {
  std::printf("%-16s %-20s %6s %5s  %8s %8s %8s\n", "enforcement", "network", "rpm", "told", "used", "429/1000",
              "429s");
  for (const Kind& kind : kKinds)
    for (const Network& network : kNetworks)
      for (const uint64_t rpm : {60u, 600u, 6000u, 60'000u})
        for (const bool told : {true, false}) {
          Saturation given = unknown(kind, network, rpm);
          given.tells_retry_after = told;
          given.length = rpm > 10'000 ? 6min : rpm > 1000 ? 21min : 61min;
          given.measured_from = 1min;
          const Used used = saturate(given);
          std::printf("%-16s %-20s %6ld %5s  %8.4f %8.2f %8ld\n", kind.name, network.name, static_cast<long>(rpm),
                      told ? "yes" : "no", used.utilisation, per_thousand(used), static_cast<long>(used.throttled));
        }
}
