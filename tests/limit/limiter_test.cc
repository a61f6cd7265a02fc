#include "service/limit/limiter.h"

#include <catch2/catch.hpp>
#include <vector>

using harvest::limit::Budget;
using harvest::limit::Demand;
using harvest::limit::Dimension;
using harvest::limit::Instant;
using harvest::limit::Limiter;
using harvest::limit::Permit;
using harvest::limit::Verdict;
using namespace std::chrono_literals;

namespace {

constexpr int64_t kDayUs = 86'400'000'000;

harvest::v1::Limits per_minute(uint64_t requests, uint64_t input = 0, uint64_t output = 0) {
  harvest::v1::Limits limits;
  if (requests > 0) limits.set_requests_per_minute(requests);
  if (input > 0) limits.set_input_tokens_per_minute(input);
  if (output > 0) limits.set_output_tokens_per_minute(output);
  return limits;
}

}  // namespace

TEST_CASE("a permit is taken from every dimension or from none", "[limit]") {
  Limiter limiter(per_minute(6000, 1000), std::nullopt);
  const Demand large{.input_tokens = 400};
  limiter.take(large, nullptr, 1h, 0);
  for (int i = 0; i < 1000; ++i) {
    const Verdict verdict = limiter.ask(large, nullptr, 1h + 1s, 0);
    REQUIRE_FALSE(verdict.granted);
    REQUIRE(verdict.binding == Dimension::kInputTokens);
  }
  // A thousand refusals took no request.
  CHECK(limiter.ask({}, nullptr, 1h + 1s, 0).granted);
  CHECK(limiter.in_flight() == 1);
  CHECK(limiter.requests_today() == 1);
}

TEST_CASE("a verdict's time is when it is granted and not a nanosecond before", "[limit]") {
  Limiter limiter(per_minute(600, 100'000), std::nullopt);
  Instant now = 1h;
  for (int i = 0; i < 500; ++i) {
    const Demand demand{.input_tokens = 50 + i % 300};
    const Verdict verdict = limiter.ask(demand, nullptr, now, 0);
    if (!verdict.granted) {
      REQUIRE_FALSE(limiter.ask(demand, nullptr, verdict.ready_at - 1ns, 0).granted);
      now = verdict.ready_at;
      REQUIRE(limiter.ask(demand, nullptr, now, 0).granted);
    }
    limiter.take(demand, nullptr, now, 0);
  }
}

TEST_CASE("a failed call keeps its request charged and gives its tokens back", "[limit]") {
  Limiter limiter(per_minute(60, 0, 10'000), std::nullopt);
  const Demand demand{.output_tokens = 500};
  limiter.take(demand, nullptr, 50min, 0);  // the first of its size also pays for the larger burst
  const Permit permit = limiter.take(demand, nullptr, 1h, 0);
  CHECK(limiter.ask(demand, nullptr, 1h, 0).binding == Dimension::kOutputTokens);
  limiter.settle(permit, {.unprocessed = true}, nullptr, 1h);
  CHECK(limiter.ask(demand, nullptr, 1h, 0).binding == Dimension::kRequests);
  CHECK(limiter.ask(demand, nullptr, 1h + 2s, 0).granted);
}

TEST_CASE("concurrency counts what is in flight", "[limit]") {
  harvest::v1::Limits limits;
  limits.set_concurrency(2);
  Limiter limiter(limits, std::nullopt);
  limiter.take({}, nullptr, 1h, 0);
  const Permit second = limiter.take({}, nullptr, 1h, 0);
  const Verdict verdict = limiter.ask({}, nullptr, 1h, 0);
  CHECK(verdict.binding == Dimension::kConcurrency);
  CHECK(verdict.ready_at == Instant::max());
  limiter.settle(second, {}, nullptr, 1h);
  CHECK(limiter.ask({}, nullptr, 1h, 0).granted);
}

TEST_CASE("a day's requests and money begin anew at midnight", "[limit]") {
  harvest::v1::Limits limits;
  limits.set_requests_per_day(1);
  Limiter limiter(limits, 100);
  const int64_t noon = kDayUs / 2;
  const Permit permit = limiter.take({.cost_picodollars = 80}, nullptr, 1h, noon);
  const Verdict verdict = limiter.ask({.cost_picodollars = 80}, nullptr, 1h, noon);
  CHECK(verdict.ready_at == 13h);
  CHECK(limiter.ask({.cost_picodollars = 80}, nullptr, 13h, kDayUs).granted);
  CHECK(limiter.ask({.cost_picodollars = 101}, nullptr, 13h, kDayUs).ready_at == Instant::max());

  SECTION("a permit is settled on its own day") {
    limiter.take({.cost_picodollars = 80}, nullptr, 13h, kDayUs);
    limiter.settle(permit, {.cost_picodollars = 80}, nullptr, 13h);
    CHECK(limiter.day_budget().reserved() == 80);
    CHECK(limiter.day_budget().spent() == 0);
  }
}

TEST_CASE("a request sent just before midnight counts on both days", "[limit]") {
  harvest::v1::Limits limits;
  limits.set_requests_per_day(1);
  Limiter limiter(limits, std::nullopt);
  limiter.take({}, nullptr, 1h, kDayUs - 100'000);
  CHECK_FALSE(limiter.ask({}, nullptr, 2h, kDayUs + 1).granted);
  CHECK(limiter.ask({}, nullptr, 26h, 2 * kDayUs + 1).granted);
}

TEST_CASE("a job without money waits for an event", "[limit]") {
  Limiter limiter({}, std::nullopt);
  Budget job(100);
  const Permit permit = limiter.take({.cost_picodollars = 100}, &job, 1h, 0);
  const Verdict verdict = limiter.ask({.cost_picodollars = 1}, &job, 1h, 0);
  CHECK(verdict.binding == Dimension::kJobBudget);
  CHECK(verdict.ready_at == Instant::max());
  limiter.settle(permit, {.cost_picodollars = 60}, &job, 1h);
  CHECK(limiter.ask({.cost_picodollars = 40}, &job, 1h, 0).granted);
  CHECK_FALSE(limiter.ask({.cost_picodollars = 41}, &job, 1h, 0).granted);
}

TEST_CASE("a 429 holds everything until Retry After and slows the pace", "[limit]") {
  Limiter limiter(per_minute(600, 1'000'000, 1'000'000), std::nullopt);
  const Permit permit = limiter.take({}, nullptr, 1h, 0);
  limiter.learn({.throttled = true, .retry_after = 30s, .sent_at = permit.taken_at}, 1h + 1s);
  limiter.settle(permit, {.unprocessed = true}, nullptr, 1h + 1s);
  const Verdict verdict = limiter.ask({}, nullptr, 1h + 1s, 0);
  CHECK(verdict.binding == Dimension::kBackoff);
  CHECK(verdict.ready_at == 1h + 31s);
  CHECK(limiter.ask({}, nullptr, 1h + 31s, 0).granted);
  CHECK(limiter.effective_ratio() == Approx(0.8));

  SECTION("the echo of attempts sent before cuts nothing") {
    limiter.learn({.throttled = true, .retry_after = 30s, .sent_at = 1h}, 1h + 2s);
    CHECK(limiter.effective_ratio() == Approx(0.8));
  }
  SECTION("clean windows give it back") {
    limiter.learn({}, 1h + 31s + 60s);
    CHECK(limiter.effective_ratio() == Approx(0.82));
    limiter.learn({}, 3h);
    CHECK(limiter.effective_ratio() == Approx(1.0));
  }
  SECTION("ten minutes are the longest hold") {
    limiter.learn({.throttled = true, .retry_after = 24h, .sent_at = 1h + 40s}, 1h + 41s);
    CHECK(limiter.ask({}, nullptr, 1h + 41s, 0).ready_at == 1h + 41s + 10min);
  }
}

TEST_CASE("without limits a 429 brings a bound on what is in flight", "[limit]") {
  Limiter limiter({}, std::nullopt);
  std::vector<Permit> permits;
  for (int i = 0; i < 100; ++i) permits.push_back(limiter.take({}, nullptr, 1h, 0));
  limiter.settle(permits.back(), {.unprocessed = true}, nullptr, 1h + 1s);
  limiter.learn({.throttled = true, .retry_after = 1s, .sent_at = permits.back().taken_at}, 1h + 1s);
  CHECK(limiter.ask({}, nullptr, 1h + 3s, 0).binding == Dimension::kConcurrency);
  for (int i = 0; i < 9; ++i) limiter.settle(permits[static_cast<size_t>(i)], {}, nullptr, 1h + 3s);
  CHECK_FALSE(limiter.ask({}, nullptr, 1h + 3s, 0).granted);
  limiter.settle(permits[9], {}, nullptr, 1h + 3s);
  CHECK(limiter.ask({}, nullptr, 1h + 3s, 0).granted);
}

TEST_CASE("headers tighten and never loosen", "[limit]") {
  Limiter limiter(per_minute(600), std::nullopt);
  harvest::limit::Feedback feedback;
  feedback.requests = {.limit = 10'000, .remaining = 9'000, .reset_in = 60s};
  limiter.learn(feedback, 1h);
  limiter.take({}, nullptr, 1h, 0);
  CHECK_FALSE(limiter.ask({}, nullptr, 1h + 1ms, 0).granted);

  feedback.requests = {.limit = 600, .remaining = 1, .reset_in = 20s};
  limiter.learn(feedback, 1h + 1s);
  limiter.take({}, nullptr, 1h + 1s, 0);
  CHECK(limiter.ask({}, nullptr, 1h + 2s, 0).ready_at == 1h + 21s);
}

TEST_CASE("a limit that nobody configured is learned from headers", "[limit]") {
  Limiter limiter({}, std::nullopt);
  harvest::limit::Feedback feedback;
  feedback.requests = {.limit = 60, .remaining = 59, .reset_in = 1s};
  limiter.learn(feedback, 1h);
  limiter.take({}, nullptr, 1h, 0);
  CHECK(limiter.ask({}, nullptr, 1h + 500ms, 0).binding == Dimension::kRequests);
}

TEST_CASE("attempts found open after a crash hold their reservations", "[limit]") {
  harvest::v1::Limits limits = per_minute(600, 0, 1000);
  limits.set_concurrency(1);
  Limiter limiter(limits, 1000);
  limiter.restore_day(0, 5, 100, 200);
  limiter.restart(1h);
  const Permit open = limiter.restore({.output_tokens = 500, .cost_picodollars = 200}, 0, 1h);
  CHECK(limiter.requests_today() == 5);
  CHECK(limiter.day_budget().at_risk() == 200);
  CHECK(limiter.ask({}, nullptr, 1h + 10s, 0).binding == Dimension::kConcurrency);
  limiter.settle(open, {.at_risk = true}, nullptr, 1h + 10s);
  CHECK(limiter.day_budget().at_risk() == 200);
  CHECK(limiter.ask({}, nullptr, 1h + 10s, 0).granted);
  CHECK(limiter.ask({.output_tokens = 500}, nullptr, 1h + 10s, 0).binding == Dimension::kOutputTokens);
}

TEST_CASE("changed limits hold from the next permit", "[limit]") {
  Limiter limiter(per_minute(60), std::nullopt);
  limiter.take({}, nullptr, 1h, 0);
  limiter.set_limits(per_minute(6000));
  CHECK(limiter.in_flight() == 1);
  limiter.take({}, nullptr, 1h + 2s, 0);
  CHECK(limiter.ask({}, nullptr, 1h + 2s + 20ms, 0).granted);
}

TEST_CASE("a dimension is limited where it is configured or learned, and only there", "[limit]") {
  harvest::v1::Limits limits;
  limits.set_concurrency(8);
  Limiter limiter(limits, 1000);
  CHECK(limiter.limited(Dimension::kConcurrency));
  CHECK(limiter.concurrency_bound() == 8);
  CHECK(limiter.limited(Dimension::kTeacherBudget));
  CHECK_FALSE(limiter.limited(Dimension::kRequests));
  CHECK_FALSE(limiter.limited(Dimension::kRequestsPerDay));
  CHECK_FALSE(limiter.limited(Dimension::kBackoff));
  limiter.learn({.requests = {.limit = 60, .remaining = 59}}, 1h);
  CHECK(limiter.limited(Dimension::kRequests));
  CHECK(Limiter({}, std::nullopt).concurrency_bound() == INT64_MAX);
}

TEST_CASE("a batch's member takes money and nothing else", "[limit][batch]") {
  harvest::v1::Limits limits = per_minute(60);
  limits.set_requests_per_day(1);
  limits.set_concurrency(1);
  Limiter limiter(limits, 1000);
  Budget job(500);
  const Demand demand{.input_tokens = 10, .output_tokens = 10, .cost_picodollars = 200};
  const Permit first = limiter.take_money(demand, &job, 1h, 0);
  const Permit second = limiter.take_money(demand, &job, 1h, 0);
  CHECK(limiter.in_flight() == 0);
  CHECK(limiter.requests_today() == 0);
  CHECK(limiter.ask_money(demand, &job, 1h, 0).binding == Dimension::kJobBudget);
  CHECK(limiter.ask({}, nullptr, 1h, 0).granted);  // the request a day is still there
  limiter.settle(first, {.output_tokens = 5, .cost_picodollars = 50}, &job, 1h);
  limiter.settle(second, {.at_risk = true}, &job, 1h);
  CHECK(job.spent() == 50);
  CHECK(job.at_risk() == 200);
  CHECK(limiter.day_budget().spent() == 50);
  CHECK(limiter.in_flight() == 0);
}

TEST_CASE("what an earlier run handed in stays reserved, even above a cap that was lowered", "[limit][batch]") {
  Limiter limiter(per_minute(60), 100);
  limiter.restore_day(0, 0, 0, 0);
  Budget job(100);
  const Permit held = limiter.hold_money(300, 0, &job);
  CHECK(job.reserved() == 300);
  CHECK_FALSE(limiter.ask_money({.cost_picodollars = 1}, &job, 1h, 0).granted);
  limiter.settle(held, {.cost_picodollars = 80}, &job, 1h);
  CHECK(job.reserved() == 0);
  CHECK(limiter.ask_money({.cost_picodollars = 20}, &job, 1h, 0).granted);
}
