#include "service/limit/limiter.h"

#include <catch2/catch.hpp>
#include <deque>
#include <vector>

#include "service/limit/utc_day.h"

using harvest::limit::Demand;
using harvest::limit::Dimension;
using harvest::limit::Instant;
using harvest::limit::kDayUs;
using harvest::limit::Limiter;
using harvest::limit::Permit;
using harvest::limit::Verdict;
using namespace std::chrono_literals;

namespace {

harvest::v1::Limits per_minute(uint64_t requests, uint64_t input = 0, uint64_t output = 0) {
  harvest::v1::Limits limits;
  if (requests > 0) limits.set_requests_per_minute(requests);
  if (input > 0) limits.set_input_tokens_per_minute(input);
  if (output > 0) limits.set_output_tokens_per_minute(output);
  return limits;
}

}  // namespace

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

TEST_CASE("a day's requests begin anew at midnight", "[limit]") {
  harvest::v1::Limits limits;
  limits.set_requests_per_day(1);
  Limiter limiter(limits);
  const int64_t noon = kDayUs / 2;
  limiter.take({}, 1h, noon);
  CHECK(limiter.ask({}, 1h, noon).ready_at == 13h);
  CHECK(limiter.ask({}, 13h, kDayUs).granted);
}

TEST_CASE("a day's requests begin anew where the vendor's day does", "[limit]") {
  harvest::v1::Limits limits;
  limits.set_requests_per_day(1);
  limits.set_day_zone("America/Los_Angeles");
  Limiter limiter(limits);
  const auto at = [](int hours) { return static_cast<int64_t>(hours) * 3'600'000'000; };
  const int64_t january = 10 * kDayUs, july = 190 * kDayUs;  // of 1970
  limiter.take({}, 1h, january + at(7));                     // 23:00 of the day before
  CHECK(limiter.ask({}, 1h, january + at(7)).ready_at == 2h);
  CHECK(limiter.ask({}, 2h, january + at(8)).granted);
  CHECK(limiter.first_utc_day(january + at(7)) == 9);
  CHECK(limiter.first_utc_day(january + at(8)) == 10);
  CHECK(limiter.is_of_day_before(january + at(7), january + at(8)));
  CHECK_FALSE(limiter.is_of_day_before(january + at(8) - 1, january + at(8)));  // it may arrive behind midnight
  limiter.take({}, 3h, july + at(8));
  CHECK(limiter.ask({}, 3h, july + at(8)).ready_at == 3h + 23h);  // summer time
}

TEST_CASE("an earlier run that found nothing teaches nothing: the first refusal tells all", "[limit][regression]") {
  for (const bool restored : {false, true}) {
    Limiter limiter{harvest::v1::Limits()};
    if (restored) limiter.restore_found({}, Instant::min(), 0s);
    Instant at = 1s;
    int sent = 0;
    for (; sent < 1000; at += 1ms)
      if (limiter.ask({}, at, 0).granted) {
        limiter.settle(limiter.take({}, at, 0), {}, at);
        ++sent;
      }
    // A thousand in ten seconds, and this was one too many.
    const Instant over = 11s;
    limiter.learn({.throttled = true, .retry_after = over - at, .sent_at = at}, at + 5ms);
    CHECK(limiter.found().requests == Approx(6000).epsilon(0.02));
  }
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

TEST_CASE("what a vendor tells of tokens is a joint limit where that is how it counts, and nothing is stated apart",
          "[limit]") {
  harvest::v1::Limits limits;
  limits.set_tokens_are_joint(true);
  const auto told = [](Limiter& limiter) {
    harvest::limit::Feedback feedback;
    feedback.input_tokens = {.limit = 30'000, .remaining = 30'000, .reset_in = Instant(0s)};
    limiter.learn(feedback, 1s);
  };
  Limiter joint(limits);
  told(joint);
  CHECK(joint.limited(harvest::limit::Dimension::kTokens));
  limits.set_input_tokens_per_minute(30'000);
  Limiter apart(limits);
  told(apart);
  CHECK(apart.limited(harvest::limit::Dimension::kInputTokens));
  CHECK_FALSE(apart.limited(harvest::limit::Dimension::kTokens));
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

TEST_CASE("a request sent just before midnight counts on both days", "[limit]") {
  harvest::v1::Limits limits;
  limits.set_requests_per_day(1);
  Limiter limiter(limits);
  limiter.take({}, 1h, kDayUs - 100'000);
  CHECK_FALSE(limiter.ask({}, 2h, kDayUs + 1).granted);
  CHECK(limiter.ask({}, 26h, 2 * kDayUs + 1).granted);
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
  for (int i = 0; i < 9; ++i) limiter.settle(permits[static_cast<size_t>(i)], {}, 1h + 3s);
  CHECK_FALSE(limiter.ask({}, 1h + 3s, 0).granted);
  limiter.settle(permits[9], {}, 1h + 3s);
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
    CHECK(limiter.concurrency_bound() == 90);
  }
  SECTION("not named") {
    refused(std::nullopt);
    CHECK(limiter.concurrency_bound() == INT64_MAX);
  }
}

TEST_CASE("a teacher of whom nothing is known is asked faster as it answers", "[limit]") {
  Limiter limiter({});
  Instant now = 1h;
  const auto burst = [&] {
    std::vector<Permit> permits;
    while (limiter.ask({}, now, 0).granted) permits.push_back(limiter.take({}, now, 0));
    return permits;
  };
  const std::vector<Permit> first = burst();
  CHECK(first.size() == 8);
  CHECK(limiter.ask({}, now, 0).binding == Dimension::kLearning);
  // A vendor refuses at once: what is a second old was admitted, however long its answer takes.
  CHECK(limiter.ask({}, now, 0).ready_at <= 1h + 1s + 20ms);
  for (const Permit& permit : first) {
    limiter.learn({.sent_at = permit.taken_at}, now + 1ms);
    limiter.settle(permit, {}, now + 1ms);
  }
  now += 100ms;
  CHECK(burst().size() >= 3);  // spread, not all at once
}

TEST_CASE("the first 429 that says when to come back tells the limit", "[limit]") {
  Limiter limiter({});
  Instant now = 1h;
  std::vector<Permit> permits;
  while (permits.size() < 300) {
    now = std::max(now + 10ms, limiter.ask({}, now, 0).ready_at);
    permits.push_back(limiter.take({}, now, 0));
    limiter.learn({.sent_at = now}, now);
  }
  // The vendor's window began with our first call, and ends 60 s later.
  const Instant until = 1h + 60s;
  limiter.learn({.throttled = true, .retry_after = until - now, .sent_at = permits.back().taken_at}, now);
  limiter.settle(permits.back(), {.unprocessed = true}, now);
  CHECK(limiter.found().requests == Approx(300).margin(2));
  CHECK(limiter.ask({}, now, 0).ready_at >= until);
  CHECK(limiter.effective_ratio() == Approx(1.0));  // what was found is no stated rate to be cut

  SECTION("another run knows it, without a slow start") {
    Limiter next({});
    next.restore_found(limiter.found(), Instant::min(), 2h);
    next.restart(2h);
    CHECK(next.ask({}, 2h, 0).binding == Dimension::kRequests);
    CHECK(next.ask({}, 2h + 1s, 0).granted);
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

TEST_CASE("a quota of the day parks the teacher for as long as the vendor says", "[limit]") {
  Limiter limiter(per_minute(600, 1'000'000, 1'000'000));
  limiter.learn({.throttled = true, .refused_by = Dimension::kRequestsPerDay, .retry_after = 7h, .sent_at = 1h}, 1h);
  const Verdict verdict = limiter.ask({}, 1h + 1s, 0);
  CHECK(verdict.binding == Dimension::kRequestsPerDay);
  CHECK(verdict.ready_at == 8h);
  CHECK(limiter.held_until() == 8h);
  CHECK(limiter.effective_ratio() == Approx(1.0));
}

TEST_CASE("what a 429 said to wait is waited for by the run after it", "[limit]") {
  Limiter limiter(per_minute(600, 1'000'000, 1'000'000));
  limiter.learn({.throttled = true, .retry_after = 40s, .sent_at = 1h}, 1h);
  Limiter next(per_minute(600, 1'000'000, 1'000'000));
  next.restore_found(limiter.found(), limiter.held_until(), 1h + 10s);
  next.restart(1h + 10s);
  const Verdict verdict = next.ask({}, 1h + 20s, 0);
  CHECK(verdict.binding == Dimension::kBackoff);
  CHECK(verdict.ready_at == 1h + 40s);
}

TEST_CASE("headers tighten and never loosen", "[limit]") {
  Limiter limiter(per_minute(600));
  harvest::limit::Feedback feedback;
  feedback.requests = {.limit = 10'000, .remaining = 9'000, .reset_in = 60s};
  limiter.learn(feedback, 1h);
  limiter.take({}, 1h, 0);
  CHECK_FALSE(limiter.ask({}, 1h + 1ms, 0).granted);

  feedback.requests = {.limit = 600, .remaining = 1, .reset_in = 20s};
  limiter.learn(feedback, 1h + 1s);
  limiter.take({}, 1h + 1s, 0);
  CHECK(limiter.ask({}, 1h + 2s, 0).ready_at == 1h + 21s);
}

TEST_CASE("a limit that nobody configured is learned from headers", "[limit]") {
  Limiter limiter({});
  harvest::limit::Feedback feedback;
  feedback.requests = {.limit = 60, .remaining = 59, .reset_in = 1s};
  limiter.learn(feedback, 1h);
  limiter.take({}, 1h, 0);
  CHECK(limiter.ask({}, 1h + 500ms, 0).binding == Dimension::kRequests);
}

TEST_CASE("what headers and 429s told of limits is known to the run after it", "[limit][found]") {
  Limiter told({});
  harvest::limit::Feedback feedback;
  feedback.requests = {.limit = 60, .remaining = 59, .reset_in = 1s};
  told.learn(feedback, 1h);
  Limiter again({});
  again.restore_found(told.found(), Instant::min(), 2h);
  CHECK(again.limited(Dimension::kRequests));
  again.restart(2h);
  CHECK(again.ask({}, 2h, 0).binding == Dimension::kRequests);
  // What the configuration states now goes before.
  Limiter stated(per_minute(6000));
  stated.restore_found(told.found(), Instant::min(), 2h);
  CHECK(stated.found().stated[0].told_per_minute == 0);

  harvest::limit::FoundRates found;
  found.stated[0] = {.window_seconds = 10, .of_per_minute = 6000};
  Limiter shortened(per_minute(6000));
  shortened.restore_found(found, Instant::min(), 2h);
  CHECK(shortened.window_seconds() == 10);
  CHECK(shortened.found().stated[0].window_seconds == 10);
  // Of another limit it says nothing, and for longer than a day neither.
  Limiter raised(per_minute(12'000));
  raised.restore_found(found, Instant::min(), 2h);
  CHECK(raised.window_seconds() == 60);
  shortened.take({}, 25h, 0);
  CHECK(shortened.window_seconds() == 10);
  shortened.take({}, 27h, 0);
  CHECK(shortened.window_seconds() == 60);
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
      limiter.learn({.sent_at = now, .answer = {{.first_token = 50ms + waiting * 250ms, .in_flight = among}}}, now);
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

TEST_CASE("a rate that is found from few calls still pays for what was granted at once", "[limit][found]") {
  Limiter limiter(harvest::v1::Limits{});
  const Demand large{.input_tokens = 3'000, .output_tokens = 10};
  const Demand small{.input_tokens = 4, .output_tokens = 10};
  limiter.settle(limiter.take(large, 1h, 0), {.input_tokens = 3'000, .output_tokens = 10}, 1h + 1s);
  Instant now = 1h;
  for (int i = 0; i < 8; ++i) {
    now = std::max(now + 1min, limiter.ask(small, now + 1min, 0).ready_at);
    const Permit permit = limiter.take(small, now, 0);
    limiter.learn({.throttled = true, .retry_after = 2s, .sent_at = now}, now + 10ms);
    limiter.settle(permit, {.unprocessed = true}, now + 10ms);
  }
  // Whatever those were refused for: a large prompt is paid for in minutes, not in hours.
  now = limiter.ask(large, now + 1min, 0).ready_at;
  limiter.settle(limiter.take(large, now, 0), {.input_tokens = 3'000, .output_tokens = 10}, now + 1s);
  CHECK(limiter.ask(small, now + 1s, 0).ready_at < now + 10min);
}
