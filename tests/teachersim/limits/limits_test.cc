// Every enforcement model under virtual time: what is granted, what is refused, and whether retry-after tells the
// truth.
#include "tests/teachersim/limits/limits.h"

#include <catch2/catch.hpp>
#include <deque>
#include <vector>

#include "tests/teachersim/answers/draw.h"

using namespace teachersim;
using namespace teachersim::limits;
using namespace std::chrono_literals;

namespace {

const std::vector<Enforcement> kAll = {Enforcement::kFixedWindow, Enforcement::kSlidingLog,
                                       Enforcement::kSlidingCounter, Enforcement::kTokenBucket};

/// Takes ones until none fits any more.
int drain(Meter& meter, Time now) {
  int taken = 0;
  while (meter.wait(1, now) == Time::zero()) {
    meter.take(1, now);
    ++taken;
  }
  return taken;
}

/// An account whose requests end at once.
struct Account {
  Limits limits;
  explicit Account(const Plan& plan) : limits(plan) {}

  Decision ask(const Ask& what, Time now) {
    const Decision decision = limits.admit(what, now);
    if (decision.granted) limits.settle(what, now, what.output_cap, now);
    return decision;
  }
};

}  // namespace

TEST_CASE("a fresh meter grants exactly its limit at once", "[limits]") {
  for (const Enforcement enforcement : kAll) {
    INFO(name_of(enforcement));
    const auto meter = make_meter(enforcement, 10, 60s);
    CHECK(drain(*meter, 5s) == 10);
    CHECK(meter->remaining(5s) == Approx(0).margin(1e-6));
  }
}

TEST_CASE("a fixed window forgets everything at its boundary and nothing before", "[limits]") {
  const auto meter = make_meter(Enforcement::kFixedWindow, 10, 60s);
  CHECK(drain(*meter, 59s) == 10);
  CHECK(meter->wait(1, 59s) == 1s);
  CHECK(drain(*meter, 60s - 1ns) == 0);
  CHECK(drain(*meter, 60s) == 10);
}

TEST_CASE("a sliding log frees each amount one window after it was taken", "[limits]") {
  const auto meter = make_meter(Enforcement::kSlidingLog, 2, 60s);
  meter->take(1, 10s);
  meter->take(1, 30s);
  CHECK(meter->wait(1, 40s) == 30s);
  CHECK(meter->wait(2, 40s) == 50s);
  CHECK(drain(*meter, 70s - 1ns) == 0);
  CHECK(drain(*meter, 70s) == 1);
  CHECK(drain(*meter, 90s) == 1);
}

TEST_CASE("a sliding counter lets the window before fade away", "[limits]") {
  const auto meter = make_meter(Enforcement::kSlidingCounter, 60, 60s);
  CHECK(drain(*meter, 59s) == 60);
  CHECK(drain(*meter, 60s) == 0);
  CHECK(drain(*meter, 90s) == 30);   // half of the window has passed: half of the 60 still weighs
  CHECK(drain(*meter, 180s) == 60);  // two windows later nothing does
}

TEST_CASE("a token bucket refills steadily up to its size", "[limits]") {
  const auto meter = make_meter(Enforcement::kTokenBucket, 60, 60s);
  CHECK(drain(*meter, 0s) == 60);
  CHECK(meter->wait(1, 0s) == 1s);
  CHECK(drain(*meter, 999ms) == 0);
  CHECK(drain(*meter, 10s) == 10);
  CHECK(drain(*meter, 1000s) == 60);
}

TEST_CASE("waiting as long as told is always enough and never much too long", "[limits]") {
  for (const Enforcement enforcement : kAll) {
    INFO(name_of(enforcement));
    const auto meter = make_meter(enforcement, 100, 10s);
    Draw draw(7);
    Time now{0};
    for (int i = 0; i < 20'000; ++i) {
      now += Time(static_cast<Time::rep>(draw.below(200'000'000)));
      const auto amount = static_cast<double>(1 + draw.below(30));
      const Time wait = meter->wait(amount, now);
      if (wait == Time::zero()) {
        REQUIRE(meter->remaining(now) >= amount - 1e-5);
      } else {
        REQUIRE(meter->wait(amount, now + wait) == Time::zero());
        now += wait;
      }
      meter->take(amount, now);
      REQUIRE(meter->remaining(now) >= -1e-5);
    }
  }
}

TEST_CASE("a wait is the shortest that suffices", "[limits]") {
  for (const Enforcement enforcement : kAll) {
    INFO(name_of(enforcement));
    const auto probe = make_meter(enforcement, 100, 10s);
    const auto same = make_meter(enforcement, 100, 10s);
    for (const auto& meter : {probe.get(), same.get()}) {
      meter->take(20, 9s);
      meter->take(50, 11s);
      meter->take(25, 12s);
    }
    const Time wait = probe->wait(50, 13s);
    REQUIRE(wait > Time::zero());
    CHECK(same->wait(50, 13s + wait - 1us) > Time::zero());
    CHECK(same->wait(50, 13s + wait) == Time::zero());
  }
}

TEST_CASE("no model grants more than it promises in any span of one window", "[limits]") {
  // Greedy client, one request per millisecond: the log holds in every span; the fixed window and the bucket may double
  // at a boundary; the counter lies between.
  for (const Enforcement enforcement : kAll) {
    INFO(name_of(enforcement));
    const auto meter = make_meter(enforcement, 100, 10s);
    std::deque<Time> recent;
    std::size_t most = 0;
    for (Time now{5s}; now < 120s; now += 1ms) {
      if (meter->wait(1, now) == Time::zero()) {
        meter->take(1, now);
        recent.push_back(now);
      }
      while (!recent.empty() && recent.front() + 10s <= now) recent.pop_front();
      most = std::max(most, recent.size());
    }
    CHECK(most >= 100);
    CHECK(most <= (enforcement == Enforcement::kSlidingLog ? 100 : 200));
  }
}

TEST_CASE("what is given back can be taken again while it still weighs", "[limits]") {
  for (const Enforcement enforcement : kAll) {
    INFO(name_of(enforcement));
    const auto meter = make_meter(enforcement, 100, 60s);
    meter->take(100, 1s);
    meter->give_back(60, 1s, 2s);
    CHECK(meter->remaining(2s) == Approx(60).margin(2));  // the bucket refilled a little meanwhile
    // Two windows later it must not come back a second time.
    meter->give_back(10, 1s, 130s);
    CHECK(meter->remaining(130s) <= 100 + 1e-6);
  }
}

TEST_CASE("a meter says when it will be full again", "[limits]") {
  for (const Enforcement enforcement : kAll) {
    INFO(name_of(enforcement));
    const auto meter = make_meter(enforcement, 100, 60s);
    CHECK(meter->full_in(1s) == Time::zero());
    meter->take(50, 10s);
    const Time full = meter->full_in(10s);
    CHECK(full > Time::zero());
    CHECK(meter->remaining(10s + full) == Approx(100));
  }
}

TEST_CASE("figures per minute are enforced in shares of a minute", "[limits]") {
  for (const auto& [window, expected] : std::vector<std::pair<Time, int>>{{60s, 600}, {10s, 100}, {1s, 10}}) {
    for (const Enforcement enforcement : kAll) {
      INFO(name_of(enforcement) << " " << window.count());
      Account account(Plan{.requests_per_minute = 600, .enforcement = enforcement, .window = window});
      int granted = 0;
      while (granted < 1000 && account.ask({}, 0s).granted) ++granted;
      CHECK(granted == expected);
    }
  }
}

TEST_CASE("a limit below one per window widens the window instead of refusing for ever", "[limits]") {
  Account account(Plan{.requests_per_minute = 6, .enforcement = Enforcement::kSlidingLog, .window = 1s});
  CHECK(account.ask({}, 0s).granted);
  const Decision refused = account.ask({}, 1s);
  CHECK_FALSE(refused.granted);
  CHECK(refused.retry_after == 9s);
  CHECK(account.ask({}, 10s).granted);
}

TEST_CASE("a refused request takes from no dimension", "[limits]") {
  Account account(
      Plan{.requests_per_minute = 100, .input_tokens_per_minute = 50, .enforcement = Enforcement::kFixedWindow});
  CHECK(account.ask({.input_tokens = 40}, 0s).granted);
  const Decision refused = account.ask({.input_tokens = 20}, 1s);
  CHECK_FALSE(refused.granted);
  CHECK(refused.refused_by == Dimension::kInputTokens);
  CHECK(refused.retry_after == 59s);
  CHECK(account.limits.standing(Dimension::kRequests, 1s).remaining == 99);
  CHECK(account.limits.standing(Dimension::kInputTokens, 1s).remaining == 10);
}

TEST_CASE("refused requests weigh on the request limit only where the provider counts them", "[limits]") {
  for (const bool counted : {false, true}) {
    Account account(Plan{.requests_per_minute = 10,
                         .input_tokens_per_minute = 50,
                         .enforcement = Enforcement::kFixedWindow,
                         .count_rejected = counted});
    CHECK(account.ask({.input_tokens = 50}, 0s).granted);
    for (int i = 0; i < 4; ++i) CHECK_FALSE(account.ask({.input_tokens = 1}, 1s).granted);
    CHECK(account.limits.standing(Dimension::kRequests, 1s).remaining == (counted ? 5 : 9));
  }
}

TEST_CASE("a request larger than a whole limit is refused for good", "[limits]") {
  Account account(Plan{.output_tokens_per_minute = 100});
  const Decision decision = account.ask({.output_cap = 101}, 0s);
  CHECK_FALSE(decision.granted);
  CHECK(decision.never);
  CHECK(decision.refused_by == Dimension::kOutputTokens);
}

TEST_CASE("reserved output is taken from the cap and returned when settled", "[limits]") {
  Limits limits(Plan{.output_tokens_per_minute = 1000, .enforcement = Enforcement::kSlidingLog});
  const Ask ask{.output_cap = 600};
  REQUIRE(limits.admit(ask, 0s).granted);
  CHECK_FALSE(limits.admit(ask, 1s).granted);
  limits.settle(ask, 0s, 200, 2s);
  CHECK(limits.standing(Dimension::kOutputTokens, 2s).remaining == 800);
  CHECK(limits.admit(ask, 2s).granted);
}

TEST_CASE("actual output is counted when it is answered and may overdraw", "[limits]") {
  Limits limits(Plan{.output_tokens_per_minute = 1000,
                     .enforcement = Enforcement::kSlidingLog,
                     .output_accounting = OutputAccounting::kActual});
  const Ask ask{.output_cap = 600};
  for (int i = 0; i < 3; ++i) REQUIRE(limits.admit(ask, 0s).granted);
  for (int i = 0; i < 3; ++i) limits.settle(ask, 0s, 500, 10s);
  const Decision refused = limits.admit(ask, 11s);
  CHECK_FALSE(refused.granted);
  CHECK(refused.refused_by == Dimension::kOutputTokens);
  CHECK(refused.retry_after == 59s);
  CHECK(limits.standing(Dimension::kOutputTokens, 11s).remaining == 0);
  CHECK(limits.admit(ask, 70s).granted);
}

TEST_CASE("tokens together count input and reserved output", "[limits]") {
  Limits limits(Plan{.tokens_per_minute = 1000, .enforcement = Enforcement::kFixedWindow});
  const Ask ask{.input_tokens = 300, .output_cap = 400};
  REQUIRE(limits.admit(ask, 0s).granted);
  CHECK(limits.standing(Dimension::kTokens, 0s).remaining == 300);
  limits.settle(ask, 0s, 100, 1s);
  CHECK(limits.standing(Dimension::kTokens, 1s).remaining == 600);
}

TEST_CASE("concurrency is held from admission to settlement", "[limits]") {
  Limits limits(Plan{.concurrency = 2});
  const Ask ask{};
  REQUIRE(limits.admit(ask, 0s).granted);
  REQUIRE(limits.admit(ask, 0s).granted);
  const Decision refused = limits.admit(ask, 0s);
  CHECK_FALSE(refused.granted);
  CHECK(refused.refused_by == Dimension::kConcurrency);
  limits.settle(ask, 0s, 0, 1s);
  CHECK(limits.admit(ask, 1s).granted);
  CHECK(limits.in_flight() == 2);
}

TEST_CASE("a day ends for everybody at once", "[limits]") {
  Account account(Plan{.requests_per_day = 3, .day = 100s});
  for (int i = 0; i < 3; ++i) CHECK(account.ask({}, 10s).granted);
  const Decision refused = account.ask({}, 40s);
  CHECK(refused.refused_by == Dimension::kRequestsPerDay);
  CHECK(refused.retry_after == 60s);
  CHECK(account.ask({}, 100s).granted);
}

TEST_CASE("utilisation counts what was granted minute by minute", "[limits]") {
  Limits limits(Plan{.requests_per_minute = 10, .output_tokens_per_minute = 1000});
  const Ask ask{.input_tokens = 7, .output_cap = 100};
  REQUIRE(limits.admit(ask, 59s).granted);
  REQUIRE(limits.admit(ask, 130s).granted);
  limits.settle(ask, 59s, 30, 131s);
  const auto& windows = limits.utilisation().windows();
  REQUIRE(windows.size() == 3);
  auto granted = [&](std::size_t window, Dimension dimension) {
    return windows[window].granted[static_cast<std::size_t>(dimension)];
  };
  CHECK(granted(0, Dimension::kRequests) == 1);
  CHECK(granted(0, Dimension::kOutputTokens) == 30);  // corrected in the minute of its admission
  CHECK(granted(1, Dimension::kRequests) == 0);
  CHECK(granted(2, Dimension::kOutputTokens) == 100);
  CHECK(granted(2, Dimension::kConcurrency) == 2);
}
