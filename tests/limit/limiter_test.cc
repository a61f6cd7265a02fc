#include "service/limit/limiter.h"

#include <catch2/catch.hpp>
#include <deque>
#include <vector>

#include "service/limit/utc_day.h"
#include "tests/limit/stated_rates.h"

using harvest::limit::Demand;
using harvest::limit::Dimension;
using harvest::limit::Instant;
using harvest::limit::kDayUs;
using harvest::limit::Limiter;
using harvest::limit::Permit;
using harvest::limit::Verdict;
using namespace std::chrono_literals;

TEST_CASE("a permit is taken from every dimension or from none", "[limit]") {
  Limiter limiter(per_minute(6000, 1000));
  const Demand large{.input_tokens = 400};
  limiter.take(large, 1h, 0);
  for (int i = 0; i < 1000; ++i) {
    const Verdict verdict = limiter.ask(large, 1h + 1s, 0);
    REQUIRE_FALSE(verdict.granted);
    REQUIRE(verdict.binding == Dimension::kInputTokens);
  }
  // A thousand refusals took no request.
  CHECK(limiter.ask({}, 1h + 1s, 0).granted);
  CHECK(limiter.in_flight() == 1);
  CHECK(limiter.requests_today() == 1);
}

TEST_CASE("a verdict's time is when it is granted and not a nanosecond before", "[limit]") {
  Limiter limiter(per_minute(600, 100'000));
  Instant now = 1h;
  for (int i = 0; i < 500; ++i) {
    const Demand demand{.input_tokens = 50 + i % 300};
    const Verdict verdict = limiter.ask(demand, now, 0);
    if (!verdict.granted) {
      REQUIRE_FALSE(limiter.ask(demand, verdict.ready_at - 1ns, 0).granted);
      now = verdict.ready_at;
      REQUIRE(limiter.ask(demand, now, 0).granted);
    }
    limiter.take(demand, now, 0);
  }
}

TEST_CASE("a failed call keeps its request charged and gives its tokens back", "[limit]") {
  Limiter limiter(per_minute(60, 0, 10'000));
  const Demand demand{.output_tokens = 500};
  limiter.take(demand, 50min, 0);  // the first of its size also pays for the larger burst
  const Permit permit = limiter.take(demand, 1h, 0);
  CHECK(limiter.ask(demand, 1h, 0).binding == Dimension::kOutputTokens);
  limiter.settle(permit, {.unprocessed = true}, 1h);
  CHECK(limiter.ask(demand, 1h, 0).binding == Dimension::kRequests);
  CHECK(limiter.ask(demand, 1h + 2s, 0).granted);
}

TEST_CASE("concurrency counts what is in flight", "[limit]") {
  harvest::v1::Limits limits;
  limits.set_concurrency(2);
  Limiter limiter(limits);
  limiter.take({}, 1h, 0);
  const Permit second = limiter.take({}, 1h, 0);
  const Verdict verdict = limiter.ask({}, 1h, 0);
  CHECK(verdict.binding == Dimension::kConcurrency);
  CHECK(verdict.ready_at == Instant::max());
  limiter.settle(second, {}, 1h);
  CHECK(limiter.ask({}, 1h, 0).granted);
}

TEST_CASE("of a joint limit on tokens input and output are paced as one, and what is not used goes back", "[limit]") {
  harvest::v1::Limits limits;
  limits.set_tokens_per_minute(30'000);
  Limiter limiter(limits);
  // 500 of input and a cap of 1,000: twenty a minute, where input alone would let sixty go.
  const Demand demand{.input_tokens = 500, .output_tokens = 1000};
  int sent = 0;
  for (Instant at = 0s; at < 600s; at += 10ms)
    if (limiter.ask(demand, at, 0).granted) {
      const auto permit = limiter.take(demand, at, 0);
      limiter.settle(permit, {.input_tokens = 500, .output_tokens = 1000}, at);
      ++sent;
    }
  CHECK(sent <= 200);
  CHECK(sent >= 180);
  CHECK(limiter.ask(demand, 600s, 0).binding == harvest::limit::Dimension::kTokens);
  CHECK(limiter.limited(harvest::limit::Dimension::kTokens));
  CHECK_FALSE(limiter.limited(harvest::limit::Dimension::kInputTokens));
  CHECK(limiter.utilization(harvest::limit::Dimension::kTokens, 600s) >= 0.89);
}

TEST_CASE("a permit for money alone changes no limit", "[limit][batch]") {
  harvest::v1::Limits limits = per_minute(60);
  limits.set_requests_per_day(1);
  limits.set_concurrency(1);
  Limiter limiter(limits);
  limiter.settle({.reserved = {.input_tokens = 10, .cost_picodollars = 5}, .money_only = true}, {.output_tokens = 5},
                 1h);
  CHECK(limiter.in_flight() == 0);
  CHECK(limiter.requests_today() == 0);
  CHECK(limiter.ask({}, 1h, 0).granted);
}

TEST_CASE("a 429 holds everything until Retry After and slows the pace", "[limit]") {
  Limiter limiter(per_minute(600, 1'000'000, 1'000'000));
  const Permit permit = limiter.take({}, 1h, 0);
  limiter.learn({.throttled = true, .retry_after = 30s, .sent_at = permit.taken_at}, 1h + 1s);
  limiter.settle(permit, {.unprocessed = true}, 1h + 1s);
  const Verdict verdict = limiter.ask({}, 1h + 1s, 0);
  CHECK(verdict.binding == Dimension::kBackoff);
  CHECK(verdict.ready_at == 1h + 31s);
  CHECK(limiter.ask({}, 1h + 31s, 0).granted);
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
    CHECK(limiter.ask({}, 1h + 41s, 0).ready_at == 1h + 41s + 10min);
  }
}

TEST_CASE("a 429 for what is in flight brings a bound on it", "[limit]") {
  Limiter limiter(per_minute(600'000));  // tokens are not stated
  std::vector<Permit> permits;
  for (int i = 0; i < 100; ++i) permits.push_back(limiter.take({}, 1h + i * 1ms, 0));
  limiter.settle(permits.back(), {.unprocessed = true}, 1h + 1s);
  limiter.learn(
      {.throttled = true, .refused_by = Dimension::kConcurrency, .retry_after = 1s, .sent_at = permits.back().taken_at},
      1h + 1s);
  CHECK(limiter.ask({}, 1h + 3s, 0).binding == Dimension::kConcurrency);
  limiter.settle(permits[0], {}, 1h + 3s);
  CHECK(limiter.ask({}, 1h + 3s, 0).granted);

  SECTION("another run knows it") {
    Limiter next(per_minute(600'000));
    next.restore_found(limiter.found(), Instant::min(), 2h);
    CHECK(next.concurrency_bound() == limiter.concurrency_bound());
  }
}

TEST_CASE("a 429 that names what is in flight brings a bound where every rate is stated, too", "[limit]") {
  Limiter limiter(per_minute(600'000, 1'000'000'000, 1'000'000'000));
  std::vector<Permit> permits;
  for (int i = 0; i < 100; ++i) permits.push_back(limiter.take({}, 1h + i * 1ms, 0));
  const auto refused = [&](std::optional<Dimension> by) {
    limiter.settle(permits.back(), {.unprocessed = true}, 1h + 1s);
    limiter.learn({.throttled = true, .refused_by = by, .retry_after = 1s, .sent_at = permits.back().taken_at},
                  1h + 1s);
  };
  SECTION("named") {
    refused(Dimension::kConcurrency);
    CHECK(limiter.concurrency_bound() == 99);
  }
  SECTION("not named") {
    refused(std::nullopt);
    CHECK(limiter.concurrency_bound() == INT64_MAX);
  }
}

TEST_CASE("two 429s while there was room make shorter windows be paced for", "[limit]") {
  Limiter limiter(per_minute(6000, 1'000'000, 1'000'000));
  const auto refused_at = [&](Instant now) {
    const Permit permit = limiter.take({}, now, 0);
    limiter.learn({.throttled = true, .retry_after = 1s, .sent_at = permit.taken_at}, now);
    limiter.settle(permit, {.unprocessed = true}, now);
  };
  const auto answered_at = [&](Instant now) {
    const Permit permit = limiter.take({}, now, 0);
    limiter.learn({.sent_at = permit.taken_at}, now);
    limiter.settle(permit, {}, now);
  };
  refused_at(1h);
  CHECK(limiter.window_seconds() == 60);
  refused_at(1h + 10s);  // more of the same: nothing was admitted in between
  CHECK(limiter.window_seconds() == 60);
  answered_at(1h + 30s);
  refused_at(1h + 1min);
  CHECK(limiter.window_seconds() == 10);
  answered_at(1h + 29min);
  refused_at(1h + 30min);
  CHECK(limiter.window_seconds() == 10);  // too far from the ones before
}

TEST_CASE("a vendor that has too much to do is asked less, and one that asks to slow down for longer", "[limit]") {
  Limiter limiter(per_minute(600));
  limiter.settle(limiter.take({}, 1h, 0), {}, 1h);
  SECTION("overloaded") {
    limiter.learn({.overloaded = true, .sent_at = 1h}, 1h + 1s);
    CHECK(limiter.ask({}, 1h + 2s, 0).granted);  // nobody was told to wait
    CHECK(limiter.effective_ratio() == Approx(0.8));
    limiter.learn({}, 1h + 2min);
    CHECK(limiter.effective_ratio() == Approx(0.82));
  }
  SECTION("slow down") {
    limiter.learn({.throttled = true, .slow_down = true, .sent_at = 1h}, 1h + 1s);
    limiter.learn({}, 1h + 14min);
    CHECK(limiter.effective_ratio() == Approx(0.8));
    limiter.learn({}, 1h + 16min + 2s);
    CHECK(limiter.effective_ratio() == Approx(0.82));
  }
}

TEST_CASE("input that the vendor does not count is given back", "[limit]") {
  Limiter limiter(per_minute(0, 6000));
  const Demand demand{.input_tokens = 600};
  limiter.take(demand, 50min, 0);
  const Permit permit = limiter.take(demand, 1h, 0);
  const Instant before = limiter.ask(demand, 1h, 0).ready_at;
  limiter.settle(permit, {.input_tokens = 600, .uncounted_input_tokens = 500}, 1h);
  CHECK(limiter.ask(demand, 1h, 0).ready_at < before);
}

TEST_CASE("attempts found open after a crash hold their reservations", "[limit]") {
  harvest::v1::Limits limits = per_minute(600, 0, 1000);
  limits.set_concurrency(1);
  Limiter limiter(limits);
  limiter.restore_day(0, 5);
  limiter.restart(1h);
  const Permit open = limiter.restore({.output_tokens = 500, .cost_picodollars = 200}, 0, 1h);
  CHECK(limiter.requests_today() == 5);
  CHECK(limiter.ask({}, 1h + 10s, 0).binding == Dimension::kConcurrency);
  limiter.settle(open, {.at_risk = true}, 1h + 10s);
  CHECK(limiter.ask({}, 1h + 10s, 0).granted);
  CHECK(limiter.ask({.output_tokens = 500}, 1h + 10s, 0).binding == Dimension::kOutputTokens);
}

TEST_CASE("changed limits hold from the next permit", "[limit]") {
  Limiter limiter(per_minute(60));
  limiter.take({}, 1h, 0);
  limiter.set_limits(per_minute(6000));
  CHECK(limiter.in_flight() == 1);
  limiter.take({}, 1h + 2s, 0);
  CHECK(limiter.ask({}, 1h + 2s + 20ms, 0).granted);
}

TEST_CASE("a dimension is limited where it is configured or learned, and only there", "[limit]") {
  harvest::v1::Limits limits;
  limits.set_concurrency(8);
  Limiter limiter(limits);
  CHECK(limiter.limited(Dimension::kConcurrency));
  CHECK(limiter.concurrency_bound() == 8);
  CHECK_FALSE(limiter.limited(Dimension::kRequests));
  CHECK_FALSE(limiter.limited(Dimension::kRequestsPerDay));
  CHECK_FALSE(limiter.limited(Dimension::kBackoff));
  limiter.learn({.requests = {.limit = 60, .remaining = 59}}, 1h);
  CHECK(limiter.limited(Dimension::kRequests));
  CHECK(Limiter({}).concurrency_bound() == INT64_MAX);
}

TEST_CASE("a server of one's own is bounded by its first tokens, where nothing is stated", "[limit]") {
  Limiter limiter({});
  limiter.expect_queue();
  const int64_t first_bound = limiter.concurrency_bound();
  REQUIRE(first_bound < 100);
  // It runs forty at once, each for ten seconds; who comes later waits for a place.
  constexpr int64_t kSlots = 40;
  std::deque<Permit> sent;
  for (Instant now = 1h; now < 3h; now += 250ms) {
    if (!sent.empty() && now - sent.front().taken_at >= 10s) {
      limiter.settle(sent.front(), {}, now);
      sent.pop_front();
    }
    while (limiter.ask({}, now, 0).granted) {
      sent.push_back(limiter.take({}, now, 0));
      const int64_t among = sent.back().in_flight, waiting = std::max<int64_t>(0, among - kSlots);
      limiter.learn({.sent_at = now, .in_flight = among, .answer = {{.first_token = 50ms + waiting * 250ms}}}, now);
    }
  }
  CHECK(limiter.concurrency_bound() > kSlots / 2);
  CHECK(limiter.concurrency_bound() < 2 * kSlots);
  CHECK(limiter.limited(Dimension::kConcurrency));

  Limiter next({});
  next.restore_found(limiter.found(), Instant::min(), 3h);
  next.expect_queue();  // it is told so late
  CHECK(next.concurrency_bound() == limiter.concurrency_bound());

  harvest::v1::Limits stated;
  stated.set_concurrency(500);
  Limiter told(stated);
  told.expect_queue();
  CHECK(told.concurrency_bound() == 500);
  Limiter paced(per_minute(600));
  paced.expect_queue();
  CHECK(paced.concurrency_bound() == INT64_MAX);
}

TEST_CASE("a window too short for what was granted at once is not believed in, and breaks no longer one", "[limit]") {
  // Two 429s with room left speak of shorter windows; prompts of a fifth of the limit fit into none of those.
  Limiter limiter(per_minute(0, 10'000));
  const Demand demand{.input_tokens = 2'000};
  Instant now = 1h;
  for (int i = 0; i < 2; ++i) {
    now = std::max(now, limiter.ask(demand, now, 0).ready_at);
    const Permit permit = limiter.take(demand, now, 0);
    limiter.learn({.throttled = true, .retry_after = 1s, .sent_at = permit.taken_at}, now + 10ms);
    limiter.settle(permit, {.unprocessed = true}, now + 10ms);
    now += 2min;
  }
  std::vector<Instant> sent;
  while (now < 2h) {
    now = std::max(now, limiter.ask(demand, now, 0).ready_at);
    if (!limiter.ask(demand, now, 0).granted) continue;
    limiter.settle(limiter.take(demand, now, 0), {.input_tokens = 2'000}, now);
    sent.push_back(now);
    if (sent.size() > 5) REQUIRE(sent.back() - sent[sent.size() - 6] > 60s);
  }
  CHECK(sent.size() > 100);
}
