#include "service/limit/ascent.h"

#include <catch2/catch.hpp>

using harvest::limit::Ascent;
using harvest::limit::Instant;
using namespace std::chrono_literals;

TEST_CASE("while nothing was refused above each step doubles, and is proved within seconds", "[limit][found]") {
  Ascent ascent;
  ascent.begin(1h);
  for (int i = 0; i < 5; ++i) {
    CHECK(ascent.step() == 1);
    CHECK(ascent.proof(6000, false).calls == 20);
    CHECK(ascent.proof(6000, false).time == 2s);
    ascent.climb(false, 1h);
  }
}

TEST_CASE("once something was refused each step is half of the one before, whether it holds or falls",
          "[limit][found]") {
  Ascent ascent;
  ascent.begin(1h);
  ascent.climb(false, 1h);
  ascent.fall(1h);
  CHECK(ascent.step() == 0.5);
  ascent.climb(false, 1h);
  ascent.climb(false, 1h);
  CHECK(ascent.step() == 0.25);
  ascent.fall(1h);
  CHECK(ascent.step() == 0.125);
  CHECK_FALSE(ascent.arrived());
}

TEST_CASE("a small step takes a whole window and twelve hundred calls for each 429 of the last", "[limit][found]") {
  Ascent ascent;
  ascent.arrive(1h);
  CHECK(ascent.proof(60'000, false).calls == 1200);
  CHECK(ascent.proof(60'000, false).time == 62s);
  CHECK(ascent.proof(60'000, true).time == 2s);
  ascent.count_refusal();
  CHECK(ascent.proof(60'000, false).calls == 2400);
  // A slow teacher's is proved by ten minutes.
  CHECK(ascent.proof(60, false).calls == 600);
}

TEST_CASE("small steps grow only where no bucket can have lent what held", "[limit][found]") {
  Ascent bucket, window;
  bucket.arrive(1h);
  window.arrive(1h);
  Instant now = 1h;
  for (int i = 0; i < 3; ++i, now += 1min) {
    bucket.climb(false, now);
    window.climb(true, now);
  }
  CHECK(bucket.step() == 0.01);
  CHECK(window.step() == 0.04);
  for (; bucket.step() < 0.02 && now < 3h; now += 10min) bucket.climb(false, now);
  CHECK(bucket.step() == 0.02);
}

TEST_CASE("the way back up from what was lost without a step begins with half of it", "[limit][found]") {
  Ascent ascent;
  ascent.arrive(1h);
  ascent.lose(0.5, 1h);
  CHECK(ascent.step() == 0.5);
  ascent.arrive(1h);
  ascent.lose(0.01, 1h);
  CHECK(ascent.step() == 0.01);
}

TEST_CASE("where large amounts leave gaps each proof halves the step, until it creeps", "[limit][found]") {
  Ascent ascent;
  ascent.begin(1h);
  for (const double step : {0.5, 0.25, 0.125}) {
    ascent.shrink(1h);
    CHECK(ascent.step() == step);
  }
  CHECK_FALSE(ascent.climbing());
  for (int i = 0; i < 5; ++i) ascent.shrink(1h);
  CHECK(ascent.arrived());
}
