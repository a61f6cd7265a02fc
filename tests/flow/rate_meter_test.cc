#include "service/flow/rate_meter.h"

#include <catch2/catch.hpp>

using harvest::flow::RateMeter;
using std::chrono::milliseconds;

TEST_CASE("a young meter shows the plain mean", "[flow]") {
  RateMeter meter;
  milliseconds now{1000};
  meter.tick(now);
  for (int i = 0; i < 8; ++i) {
    meter.add(25);
    meter.tick(now += milliseconds(250));
  }
  CHECK(meter.per_second() == Approx(100));
}

TEST_CASE("a meter follows a change within some tens of seconds", "[flow]") {
  RateMeter meter;
  milliseconds now{1000};
  meter.tick(now);
  for (int i = 0; i < 400; ++i) {
    meter.add(10);
    meter.tick(now += milliseconds(250));
  }
  CHECK(meter.per_second() == Approx(40).epsilon(0.01));
  for (int i = 0; i < 200; ++i) meter.tick(now += milliseconds(250));
  CHECK(meter.per_second() < 1);
}
