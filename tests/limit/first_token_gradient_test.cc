#include "service/limit/first_token_gradient.h"

#include <catch2/catch.hpp>

#include "service/limit/first_token_estimate.h"

using harvest::limit::FirstTokenEstimate;
using harvest::limit::FirstTokenGradient;
using harvest::limit::Instant;
using namespace std::chrono_literals;

// How it behaves at a server: tests/simulation/self_hosted_test.cc.
namespace {

/// So many first tokens at a steady rate, each sent into as many in flight as the bound allows.
Instant feed(FirstTokenGradient& gradient, int count, Instant first_token, Instant every, Instant from) {
  for (int i = 0; i < count; ++i) gradient.learn(first_token, gradient.bound(), from += every);
  return from;
}

}  // namespace

TEST_CASE("the bound begins at 16 and rises while nobody waits", "[limit]") {
  FirstTokenGradient gradient;
  CHECK(gradient.bound() == 16);
  feed(gradient, 200, 100ms, 100ms, 0s);
  CHECK(gradient.bound() > 40);
}

TEST_CASE("a client that does not use the bound does not raise it", "[limit]") {
  FirstTokenGradient gradient;
  Instant now{};
  for (int i = 0; i < 1000; ++i) gradient.learn(100ms, 7, now += 100ms);
  CHECK(gradient.bound() == 16);
}

TEST_CASE("where all wait the bound falls, but never below two", "[limit]") {
  FirstTokenGradient gradient;
  const Instant now = feed(gradient, 20, 100ms, 100ms, 0s);
  feed(gradient, 500, 60s, 100ms, now);
  CHECK(gradient.bound() >= 2);
  CHECK(gradient.bound() < 8);
}

TEST_CASE("a pause is not taken for a slow server", "[limit]") {
  FirstTokenGradient gradient;
  Instant now = feed(gradient, 100, 100ms, 100ms, 0s);
  gradient.learn(100ms, 1, now += 1h);
  const int64_t before = gradient.bound();
  // The rate of first tokens is not known again before a round has passed.
  for (int i = 0; i < 20; ++i) gradient.learn(10s, before, now += 100ms);
  CHECK(gradient.bound() == before);
}

TEST_CASE("every 600 first tokens the bound makes room for a look at the floor", "[limit]") {
  FirstTokenGradient gradient;
  Instant now = feed(gradient, 100, 100ms, 100ms, 0s);
  int64_t least = 1'000'000, before = 0;
  for (int i = 0; i < 3000; ++i) {
    // A server of 20 slots whose sequences take 2 s: whoever is beyond waits.
    before = gradient.bound();
    const Instant wait = 100ms * std::max<int64_t>(0, before - 20);
    gradient.learn(100ms + wait, before, now += 100ms);
    if (i > 1000) least = std::min(least, gradient.bound());
  }
  CHECK(least >= 18);
  CHECK(least <= 21);
  CHECK(gradient.bound() >= 21);
  CHECK(gradient.bound() <= 26);
}

TEST_CASE("gauges win over first tokens for five seconds", "[limit]") {
  FirstTokenGradient gradient;
  gradient.learn_waiting(1, 15, 16, 10s);
  CHECK(gradient.bound() == 16);
  feed(gradient, 49, 100ms, 100ms, 10s);
  CHECK(gradient.bound() == 16);
  feed(gradient, 100, 100ms, 100ms, 15s);
  CHECK(gradient.bound() > 16);
}

TEST_CASE("gauges keep one or two waiting", "[limit]") {
  FirstTokenGradient gradient;
  gradient.learn_waiting(0, 16, 16, 1s);
  const int64_t raised = gradient.bound();
  CHECK(raised > 16);
  gradient.learn_waiting(0, 5, 5, 2s);  // hardly used
  CHECK(gradient.bound() == raised);
  for (Instant now = 3s; now < 60s; now += 1s) {
    const int64_t ours = gradient.bound();
    gradient.learn_waiting(std::max<int64_t>(0, ours - 8), std::min<int64_t>(8, ours), ours, now);
  }
  CHECK(gradient.bound() >= 9);
  CHECK(gradient.bound() <= 10);
  // Nothing runs and all wait: it is just starting. Half at most is believed.
  gradient.learn_waiting(100, 0, 10, 61s);
  CHECK(gradient.bound() >= 8);
}

TEST_CASE("the first token of an answer that was not streamed is what its tokens did not take", "[limit]") {
  FirstTokenEstimate estimate;
  std::optional<Instant> first_token;
  const auto learn = [&](Instant wait) {
    for (int i = 0; i < 400; ++i) {
      const int64_t tokens = 20 + (i * 37) % 400;
      first_token = estimate.learn(wait + 30ms * tokens, tokens);
    }
  };
  CHECK_FALSE(estimate.learn(1s, 30).has_value());
  learn(100ms);
  REQUIRE(first_token.has_value());
  CHECK(*first_token > 0ms);
  CHECK(*first_token < 300ms);
  const Instant before = *first_token;
  learn(2100ms);
  CHECK(*first_token - before > 1700ms);
  CHECK(*first_token - before < 2300ms);
}

TEST_CASE("where answers are of one length the whole duration tells of the wait", "[limit]") {
  FirstTokenEstimate estimate;
  std::optional<Instant> first_token;
  for (int i = 0; i < 200; ++i) first_token = estimate.learn(3s, 100);
  const Instant before = first_token.value();
  for (int i = 0; i < 200; ++i) first_token = estimate.learn(5s, 100);
  CHECK(first_token.value() - before > 1900ms);
  CHECK(first_token.value() - before < 2100ms);
}
