#include "service/limit/ceiling.h"

#include <catch2/catch.hpp>

namespace harvest::limit {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

v1::Limits limits(uint64_t requests_per_minute, uint64_t concurrency) {
  v1::Limits limits;
  if (requests_per_minute > 0) limits.set_requests_per_minute(requests_per_minute);
  if (concurrency > 0) limits.set_concurrency(concurrency);
  return limits;
}

TEST_CASE("a ceiling that states nothing bounds nothing", "[limit][ceiling]") {
  Ceiling ceiling{v1::Limits()};
  for (int i = 0; i < 10'000; ++i) {
    REQUIRE(ceiling.ask({.input_tokens = 1'000'000}, seconds(1)).granted);
    ceiling.take({.input_tokens = 1'000'000}, seconds(1));
  }
}

TEST_CASE("a ceiling of requests lets through that many a minute", "[limit][ceiling]") {
  Ceiling ceiling(limits(60, 0));
  int taken = 0;
  for (Instant now{}; now < minutes(10);) {
    const Verdict verdict = ceiling.ask({}, now);
    if (verdict.ready_at > now) {
      CHECK(verdict.binding == Dimension::kJobCeiling);
      now = verdict.ready_at;
      continue;
    }
    ceiling.take({}, now);
    ceiling.settle({.taken_at = now}, {}, now);
    ++taken;
  }
  CHECK(taken <= 601);
  CHECK(taken >= 580);
}

TEST_CASE("at a ceiling in flight, only an attempt that ends makes room", "[limit][ceiling]") {
  Ceiling ceiling(limits(0, 2));
  for (int i = 0; i < 2; ++i) ceiling.take({}, seconds(1));
  const Verdict full = ceiling.ask({}, minutes(60));
  CHECK(full.ready_at == Instant::max());
  CHECK(full.binding == Dimension::kJobCeiling);
  ceiling.settle({.taken_at = seconds(1)}, {.unprocessed = true}, minutes(60));
  CHECK(ceiling.ask({}, minutes(60)).ready_at == Instant(minutes(60)));
}

TEST_CASE("tokens that were reserved and not used count for nothing", "[limit][ceiling]") {
  v1::Limits bound;
  bound.set_output_tokens_per_minute(6000);
  Ceiling ceiling(bound);
  int answers = 0;
  for (Instant now{}; now < minutes(10);) {
    const Demand demand{.output_tokens = 1000};
    const Verdict verdict = ceiling.ask(demand, now);
    if (verdict.ready_at > now) {
      now = verdict.ready_at;
      continue;
    }
    ceiling.take(demand, now);
    now += seconds(1);
    ceiling.settle({.reserved = demand, .taken_at = now - Instant(seconds(1))}, {.output_tokens = 100}, now);
    ++answers;
  }
  CHECK(answers > 300);  // 60 by their reservations
  CHECK(answers <= 610);
}

TEST_CASE("a joint ceiling bounds input and output together", "[limit][ceiling]") {
  v1::Limits bound;
  bound.set_tokens_per_minute(6000);
  Ceiling ceiling(bound);
  int answers = 0;
  for (Instant now{}; now < minutes(10);) {
    const Demand demand{.input_tokens = 400, .output_tokens = 1000};
    const Verdict verdict = ceiling.ask(demand, now);
    if (verdict.ready_at > now) {
      CHECK(verdict.binding == Dimension::kJobCeiling);
      now = verdict.ready_at;
      continue;
    }
    ceiling.take(demand, now);
    ceiling.settle({.reserved = demand, .taken_at = now}, {.input_tokens = 400, .output_tokens = 200}, now);
    ++answers;
  }
  // Of 600 tokens each, ten a minute; that each reserves 1,400 costs some of it.
  CHECK(answers >= 70);
  CHECK(answers <= 103);
}

TEST_CASE("changed bounds count what is in flight", "[limit][ceiling]") {
  Ceiling ceiling(limits(0, 2));
  for (int i = 0; i < 2; ++i) ceiling.take({}, seconds(1));
  ceiling.set_limits(limits(0, 3));
  CHECK(ceiling.ask({}, seconds(1)).ready_at == Instant(seconds(1)));
  ceiling.set_limits(limits(0, 1));
  CHECK(ceiling.ask({}, seconds(1)).ready_at == Instant::max());
}

}  // namespace
}  // namespace harvest::limit
