#include "service/flow/latency_evidence.h"

#include <catch2/catch.hpp>

using harvest::flow::hold_time;
using std::chrono::microseconds;
using std::chrono::seconds;

TEST_CASE("an attempt left open is held until twice the longest answer has passed", "[flow]") {
  const int64_t now_us = 1'000'000'000;
  CHECK(hold_time(now_us - 1'000'000, now_us, seconds(3)) == seconds(5));
  CHECK(hold_time(now_us - 9'000'000, now_us, seconds(3)) == microseconds(0));
}

TEST_CASE("it is held a minute where nothing is known and never longer", "[flow]") {
  const int64_t now_us = 1'000'000'000;
  CHECK(hold_time(now_us, now_us, std::nullopt) == seconds(60));
  CHECK(hold_time(now_us, now_us, seconds(500)) == seconds(60));
  CHECK(hold_time(now_us + 3'600'000'000, now_us, seconds(1)) == seconds(60));  // the wall clock was set back
}
