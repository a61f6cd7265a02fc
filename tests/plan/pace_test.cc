#include "service/plan/pace.h"

#include <catch2/catch.hpp>

using namespace harvest::plan;

namespace {

Interval about(double expected) {
  return {expected * 0.9, expected, expected * 1.1};
}

/// 600 requests of 100 tokens in and 300 out, 2 s each.
Load load() {
  return {.requests = {600, 600, 600},
          .input_tokens = about(60'000),
          .output_tokens = about(180'000),
          .busy_seconds = about(1200),
          .seconds = 2,
          .slowest_seconds = 5,
          .input_largest = 200,
          .output_reserved = 300};
}

}  // namespace

TEST_CASE("the scarcest limit decides how long a job takes", "[plan]") {
  Allowance allowance{.requests = MinuteLimit{600},
                      .input_tokens = MinuteLimit{600'000},
                      .output_tokens = MinuteLimit{600'000},
                      .concurrency = 1000};
  Pace pace = pace_of(load(), allowance);
  CHECK(pace.binding == "requests");
  CHECK(pace.seconds.expected == Approx(62).margin(1));
  allowance.output_tokens = MinuteLimit{90'000};
  pace = pace_of(load(), allowance);
  CHECK(pace.binding == "output_tokens");
  CHECK(pace.seconds.expected == Approx(123).margin(2));
  CHECK(pace.seconds.low < 0.9 * 120);
  CHECK(pace.seconds.high > 1.1 * 120);
  allowance.input_tokens = MinuteLimit{20'000};
  CHECK(pace_of(load(), allowance).binding == "input_tokens");
  allowance.concurrency = 4;
  pace = pace_of(load(), allowance);
  CHECK(pace.binding == "concurrency");
  CHECK(pace.seconds.expected == Approx(302).margin(1));
}

TEST_CASE("where no limit binds the answers themselves take the time", "[plan]") {
  const Pace pace = pace_of(load(), {});
  CHECK(pace.binding == "teacher");
  CHECK(pace.seconds.high < 10);
  const Pace unknown = pace_of({.requests = {5, 5, 5}}, {});
  CHECK(unknown.binding.empty());
}

TEST_CASE("tokens that are reserved in flight slow a job down", "[plan]") {
  const Allowance allowance{.output_tokens = MinuteLimit{90'000}};
  Load reserving = load();
  reserving.output_reserved = 3000;
  CHECK(pace_of(reserving, allowance).seconds.expected > 1.2 * pace_of(load(), allowance).seconds.expected);
}

TEST_CASE("a quota of the day binds when it is used up, and then for whole days", "[plan]") {
  Allowance allowance{.day = Allowance::Day{.left = 600, .per_day = 1000, .seconds_to_midnight = 7200}};
  CHECK(pace_of(load(), allowance).binding == "teacher");
  allowance.day->left = 100;
  Pace pace = pace_of(load(), allowance);
  CHECK(pace.binding == "requests_per_day");
  CHECK(pace.seconds.expected == Approx(7200).margin(5));
  allowance.day->per_day = 200;  // 500 are left: two more midnights
  pace = pace_of(load(), allowance);
  CHECK(pace.seconds.expected == Approx(7200 + 2 * 86'400).margin(5));
}

TEST_CASE("loads of one account go through its limits together", "[plan]") {
  const Allowance allowance{.requests = MinuteLimit{600}};
  Load both = load();
  both += load();
  CHECK(both.seconds == Approx(2));
  CHECK(pace_of(both, allowance).seconds.expected == Approx(122).margin(2));
}

TEST_CASE("a job of nothing takes no time", "[plan]") {
  CHECK(pace_of({}, {.requests = MinuteLimit{60}}).seconds.high == 0);
}
