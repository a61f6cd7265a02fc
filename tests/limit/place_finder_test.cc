#include "service/limit/place_finder.h"

#include <catch2/catch.hpp>

#include "service/limit/limiter.h"

using harvest::limit::Demand;
using harvest::limit::Dimension;
using harvest::limit::Instant;
using harvest::limit::Limiter;
using harvest::limit::PlaceFinder;
using namespace std::chrono_literals;

namespace {

/// `calls` that left with so many in flight are admitted, one each millisecond.
Instant admit(PlaceFinder& finder, int64_t among, int64_t calls, Instant now) {
  for (int64_t i = 0; i < calls; ++i, now += 1ms) finder.admitted(among, now, now);
  return now;
}

/// A finder that holds 64 places.
PlaceFinder holding_64() {
  PlaceFinder finder;
  for (int i = 0; i < 3; ++i) {
    admit(finder, 50, 100, 1h);
    finder.refused(65, 1h);
  }
  return finder;
}

}  // namespace

TEST_CASE("three refusals of the same place with hardly a call admitted above it tell how many places there are",
          "[limit][places]") {
  PlaceFinder finder;
  admit(finder, 60, 100, 1h);
  CHECK_FALSE(finder.refused(66, 1h));
  admit(finder, 60, 100, 1h);
  CHECK_FALSE(finder.refused(65, 1h));
  CHECK_FALSE(finder.bound());
  admit(finder, 65, 3, 1h);  // what is on the wire lends a place now and then
  admit(finder, 60, 100, 1h);
  CHECK(finder.refused(66, 1h));
  CHECK(finder.bound() == 64);
}

TEST_CASE("refusals at any number in flight are of something else", "[limit][places]") {
  PlaceFinder finder;
  const auto watched = [&](std::initializer_list<int64_t> refused) {
    for (const int64_t among : refused) {
      for (int64_t i = 55; i < 75; ++i) admit(finder, i, 20, 1h);
      finder.refused(among, 1h);
    }
    return finder.bound();
  };
  CHECK_FALSE(watched({65, 65, 65, 65}));  // as many were admitted above
  CHECK_FALSE(watched({75, 60, 75, 62, 75}));
  CHECK_FALSE(watched({76, 80, 84, 88, 92}));  // it rises
}

TEST_CASE("a flood that was admitted at first is remembered for a quarter of an hour at least", "[limit][places]") {
  PlaceFinder finder;
  admit(finder, 5000, 100, 1h);
  for (int i = 0; i < 5; ++i) {
    admit(finder, 50, 600, 1h + 10min);
    CHECK_FALSE(finder.refused(65, 1h + 10min));
  }
  for (int i = 0; i < 3; ++i) {
    admit(finder, 50, 600, 2h);
    finder.refused(65, 2h);
  }
  CHECK(finder.bound() == 64);
}

TEST_CASE("a try that goes alone and is refused says that it was no place", "[limit][places]") {
  PlaceFinder finder = holding_64();
  REQUIRE(finder.bound() == 64);
  finder.doubt(1h);
  CHECK_FALSE(finder.bound());
  // From then on it takes twice as many.
  for (int i = 0; i < 5; ++i) CHECK_FALSE(finder.refused(65, 1h + 1s));
  CHECK(finder.refused(65, 1h + 1s));
}

TEST_CASE("a bound that holds is tried a place higher, ever more seldom", "[limit][places]") {
  PlaceFinder finder = holding_64();
  Instant now = 1h;
  Instant waited{};
  for (int i = 0; i < 6; ++i) {
    const Instant before = now;
    while (finder.bound() == 64) now = admit(finder, 64, 1, now + 10ms);
    CHECK(finder.bound() == 65);
    CHECK(finder.refused(65, now));
    CHECK(finder.bound() == 64);
    CHECK(now - before >= 1min);
    CHECK(now - before >= waited);
    waited = now - before;
  }
  CHECK(waited > 7min);
  CHECK(waited < 9min);
  // Where the places are not in use nothing is proved.
  admit(finder, 40, 100'000, now);
  CHECK(finder.bound() == 64);
}

TEST_CASE("places that were added are found by steps that double, and a step too far goes back", "[limit][places]") {
  PlaceFinder finder = holding_64();
  Instant now = 1h;
  while (*finder.bound() <= 200) now = admit(finder, *finder.bound(), 1, now + 10ms);
  CHECK(now < 1h + 3min);
  const int64_t before = *finder.bound();
  CHECK(finder.refused(before, now));
  finder.refused_as_well(201);  // of the same event
  CHECK(finder.bound() == 200);
}

TEST_CASE("refusals below the bound lower it, and three in a row are of something else", "[limit][places]") {
  PlaceFinder finder = holding_64();
  CHECK(finder.refused(64, 1h + 1s));
  CHECK(finder.bound() == 63);
  CHECK(finder.refused(63, 1h + 2s));
  CHECK(finder.bound() == 62);
  CHECK_FALSE(finder.refused(62, 1h + 3s));
  CHECK_FALSE(finder.bound());

  PlaceFinder far = holding_64();
  CHECK_FALSE(far.refused(30, 1h + 1s));
  CHECK_FALSE(far.bound());
}

TEST_CASE("the vendor's own words are believed at once, and the way back is short where the fall was deep",
          "[limit][places]") {
  PlaceFinder finder;
  finder.refused_by_name(65, 1h);
  CHECK(finder.bound() == 64);
  finder.refused_by_name(17, 1h);
  CHECK(finder.bound() == 16);
  admit(finder, 16, 20, 1h);
  CHECK(finder.bound() == 40);
}

TEST_CASE("once it is the places that are refused no rate bounds, and when it was not, a rate is guessed again",
          "[limit][places]") {
  Limiter limiter{harvest::v1::Limits()};
  const auto refused = [&](int64_t among, Instant now) {
    limiter.learn({.throttled = true, .sent_at = now, .in_flight = among}, now);
    for (int i = 0; i < 100; ++i) limiter.learn({.sent_at = now + 2s, .in_flight = 50}, now + 4s);
  };
  Instant now = 1h;
  limiter.settle(limiter.take({}, now, 0), {}, now);
  for (int i = 0; i < 3; ++i, now += 10s) {
    refused(65, now);
    CHECK((limiter.found().requests > 0) == (i < 2));
  }
  CHECK(limiter.concurrency_bound() == 64);
  CHECK_FALSE(limiter.limited(Dimension::kRequests));
  CHECK(limiter.found().in_flight == 64);
  limiter.learn({.throttled = true, .sent_at = now, .in_flight = 65}, now);
  limiter.learn({.throttled = true, .sent_at = now + 1s, .in_flight = 2}, now + 1s);  // it went alone
  CHECK(limiter.concurrency_bound() == INT64_MAX);
  CHECK(limiter.found().requests > 0);
}
