#include "service/flow/answer_times.h"

#include <catch2/catch.hpp>

using harvest::flow::AnswerTimes;
using namespace std::chrono_literals;

TEST_CASE("what is slow is told by a hundred answers to prompts of the same size", "[flow]") {
  AnswerTimes times;
  for (int i = 0; i < 99; ++i) times.add(100, 1s);
  CHECK_FALSE(times.slow(100));
  times.add(100, 1s);
  REQUIRE(times.slow(100));
  CHECK(*times.slow(100) >= 950ms);
  CHECK(*times.slow(100) <= 1050ms);
  CHECK(times.slow(70));          // between the same powers of two
  CHECK_FALSE(times.slow(5000));  // of long prompts nothing is known
}

TEST_CASE("one slow answer of fifty is beyond p99 only until there are more of them", "[flow]") {
  AnswerTimes times;
  for (int i = 0; i < 1000; ++i) times.add(100, i % 50 == 0 ? 20s : 1s);
  CHECK(*times.slow(100) > 15s);
  for (int i = 0; i < 2000; ++i) times.add(100, 1s);
  CHECK(*times.slow(100) < 2s);
}

TEST_CASE("sizes out of any range have their places too", "[flow]") {
  AnswerTimes times;
  for (int i = 0; i < 100; ++i) {
    times.add(0, 0s);
    times.add(int64_t{1} << 40, 1h);
  }
  CHECK(times.slow(0));
  CHECK(*times.slow(int64_t{1} << 50) > 50min);
}
