// What refusals and headers tell of limits, now and to the run after this one.
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

TEST_CASE("a stated limit that 429s have cut is used no more by the run after it, and won back window by window",
          "[limit]") {
  Limiter limiter(per_minute(600));
  limiter.learn({.throttled = true, .retry_after = 1s, .sent_at = 1h}, 1h);
  REQUIRE(limiter.effective_ratio() == Approx(0.8));
  Limiter next(per_minute(600));
  next.restore_found(limiter.found(), Instant::min(), 2h);
  next.restart(2h);
  CHECK(next.effective_ratio() == Approx(0.8));
  int sent = 0;
  for (Instant at = 2h; at < 2h + 60s; at += 10ms)
    if (next.ask({}, at, 0).granted) {
      next.settle(next.take({}, at, 0), {}, at);
      next.learn({.sent_at = at}, at);
      ++sent;
    }
  CHECK(sent <= 490);
  next.learn({.sent_at = 2h + 61s}, 2h + 61s);
  CHECK(next.effective_ratio() == Approx(0.82));
}

TEST_CASE("429s cut no share of what nobody states, for the run after it either", "[limit]") {
  Limiter limiter{harvest::v1::Limits()};
  limiter.learn({.throttled = true, .retry_after = 1s, .sent_at = 1h}, 1h);
  CHECK(limiter.found().backoff_permille == 0);
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

TEST_CASE("the time that a counter which slides says hides nothing of what was sent at first", "[limit][found]") {
  Limiter limiter{harvest::v1::Limits()};
  const Demand large{.input_tokens = 50'000, .output_tokens = 10};
  // Eight at once and eight a second later; the next does not fit until a part of the next window has passed.
  Instant now = 1h;
  std::vector<Permit> permits;
  while (permits.size() < 17) {
    if (permits.size() == 8) now += 1s;
    now = std::max(now, limiter.ask(large, now, 0).ready_at);
    permits.push_back(limiter.take(large, now, 0));
  }
  for (size_t i = 0; i < 16; ++i) limiter.settle(permits[i], {.input_tokens = 50'000, .output_tokens = 10}, now + 10ms);
  limiter.settle(permits[16], {.unprocessed = true}, now + 20ms);
  limiter.learn({.throttled = true, .retry_after = 1h + 60500ms - now, .sent_at = now}, now + 20ms);
  CHECK(limiter.found().input_tokens == 16 * 50'000);
}

TEST_CASE("a rate found too low of large prompts is left, though pacing keeps the largest of it free",
          "[limit][found]") {
  Limiter limiter{harvest::v1::Limits()};
  harvest::limit::FoundRates found;
  found.requests = 5;
  found.input_tokens = 100'000;
  limiter.restore_found(found, Instant::min(), 0s);
  const Demand large{.input_tokens = 20'000};
  Instant now = 1h;
  while (now < 9h) {
    now = std::max(now, limiter.ask(large, now, 0).ready_at);
    const Permit permit = limiter.take(large, now, 0);
    limiter.learn({.sent_at = now}, now + 2s);
    limiter.settle(permit, {.input_tokens = 20'000}, now + 2s);
    now += 2s;
  }
  CHECK(limiter.found().input_tokens > 110'000);
}

TEST_CASE("what is kept of the largest prompt is hardly more than that", "[limit][found]") {
  for (const int64_t largest : {60'000, 65'536, 70'000}) {
    Limiter limiter(per_minute(600, 1'000'000, 1'000'000));
    limiter.take({.input_tokens = largest}, 1h, 0);
    CHECK(limiter.found().largest_input_tokens >= largest);
    CHECK(limiter.found().largest_input_tokens <= largest * 9 / 8);
  }
}
