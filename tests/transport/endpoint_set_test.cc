#include "service/transport/endpoint_set.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using harvest::transport::EndpointSet;
using std::chrono::nanoseconds;

namespace {

constexpr nanoseconds kStart = 1000s;

void fail(EndpointSet& set, nanoseconds now, int times) {
  for (int i = 0; i < times; ++i) {
    const auto endpoint = set.pick(now);
    REQUIRE(endpoint);
    set.done(*endpoint, true, now);
  }
}

}  // namespace

TEST_CASE("requests spread evenly over healthy endpoints", "[transport]") {
  EndpointSet set(3);
  for (int i = 0; i < 30; ++i) REQUIRE(set.pick(kStart));
  for (size_t i = 0; i < 3; ++i) CHECK(set.in_flight(i) == 10);
}

TEST_CASE("the endpoint with the least in flight is next", "[transport]") {
  EndpointSet set(3);
  for (int i = 0; i < 9; ++i) set.pick(kStart);
  set.done(1, false, kStart);
  set.done(1, false, kStart);
  CHECK(set.pick(kStart) == 1u);
  CHECK(set.pick(kStart) == 1u);
}

TEST_CASE("equal endpoints take turns when requests come one by one", "[transport]") {
  EndpointSet set(2);
  std::vector<size_t> order;
  for (int i = 0; i < 4; ++i) {
    order.push_back(*set.pick(kStart));
    set.done(order.back(), false, kStart);
  }
  CHECK(order == std::vector<size_t>{0, 1, 0, 1});
}

TEST_CASE("five failures in a row open a breaker and four do not", "[transport]") {
  EndpointSet set(1);
  fail(set, kStart, 4);
  CHECK(set.healthy(0));
  set.pick(kStart);
  set.done(0, false, kStart);
  CHECK(set.failures_in_a_row(0) == 0);
  fail(set, kStart, 5);
  CHECK_FALSE(set.healthy(0));
  CHECK_FALSE(set.pick(kStart));
  CHECK(set.next_probe_at() == kStart + 5s);
}

TEST_CASE("half of twenty failing within thirty seconds opens a breaker", "[transport]") {
  EndpointSet set(1);
  const auto gap = GENERATE(nanoseconds(1s), nanoseconds(4s));
  nanoseconds now = kStart;
  for (int i = 0; i < 20; ++i, now += gap) {
    if (!set.pick(now)) break;
    set.done(0, i % 2 == 1, now);
  }
  CHECK(set.healthy(0) == (gap == 4s));  // at 4 s apart only some eight fall into the window
}

TEST_CASE("one probe is let through and its success closes the breaker", "[transport]") {
  EndpointSet set(1);
  fail(set, kStart, 5);
  CHECK_FALSE(set.pick(kStart + 4999ms));
  CHECK(set.pick(kStart + 5s) == 0u);
  CHECK_FALSE(set.pick(kStart + 6s));
  set.done(0, false, kStart + 7s);
  CHECK(set.healthy(0));
  CHECK(set.pick(kStart + 7s) == 0u);
}

TEST_CASE("probes that fail wait twice as long each time up to five minutes", "[transport]") {
  EndpointSet set(1);
  fail(set, kStart, 5);
  nanoseconds now = kStart;
  for (const auto wait : {5s, 10s, 20s, 40s, 80s, 160s, 300s, 300s}) {
    CHECK(set.next_probe_at() == now + wait);
    now += wait;
    REQUIRE(set.pick(now) == 0u);
    set.done(0, true, now);
  }
}

TEST_CASE("a probe that was given up lets the next one through", "[transport]") {
  EndpointSet set(1);
  fail(set, kStart, 5);
  REQUIRE(set.pick(kStart + 5s));
  set.forget(0);
  CHECK(set.pick(kStart + 5s) == 0u);
}

TEST_CASE("a broken endpoint does not slow its neighbour", "[transport]") {
  EndpointSet set(2);
  for (int i = 0; i < 10; ++i) {
    const auto endpoint = set.pick(kStart);
    REQUIRE(endpoint);
    set.done(*endpoint, *endpoint == 0, kStart);
  }
  CHECK_FALSE(set.healthy(0));
  for (int i = 0; i < 100; ++i) CHECK(set.pick(kStart) == 1u);
}

TEST_CASE("answers of requests sent before the breaker opened close it again", "[transport]") {
  EndpointSet set(1);
  for (int i = 0; i < 6; ++i) set.pick(kStart);
  for (int i = 0; i < 5; ++i) set.done(0, true, kStart);
  CHECK_FALSE(set.healthy(0));
  set.done(0, false, kStart);
  CHECK(set.healthy(0));
}
