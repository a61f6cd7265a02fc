#include "service/quality/answer_watch.h"

#include <catch2/catch.hpp>
#include <deque>
#include <random>

using namespace harvest;
using quality::AnswerTraits;
using quality::AnswerWatch;

namespace {

v1::Guard guard(uint32_t window, double refused = 0, double duplicate = 0) {
  v1::Guard guard;
  guard.set_window_answers(window);
  guard.set_refused_max(refused);
  guard.set_duplicate_max(duplicate);
  return guard;
}

AnswerTraits text(uint64_t hash) {
  return {.text_hash = hash};
}

/// Answers until the guard trips; `most` where it does not.
int until_trip(AnswerWatch& watch, const v1::Guard& guard, double refusing, int most, uint64_t seed) {
  std::mt19937_64 random(seed);
  for (int i = 1; i <= most; ++i) {
    watch.add({.refused = std::uniform_real_distribution<double>(0, 1)(random) < refusing,
               .text_hash = static_cast<uint64_t>(i)});
    if (watch.trips(guard)) return i;
  }
  return most;
}

}  // namespace

TEST_CASE("rates are those of the window alone", "[quality]") {
  AnswerWatch watch(guard(20));
  for (int i = 0; i < 20; ++i) watch.add({.refused = true, .truncated = i < 5, .empty = i < 3});
  CHECK(watch.rates().refused() == 20);
  CHECK(watch.rates().truncated() == 5);
  CHECK(watch.rates().empty() == 3);
  for (uint64_t i = 0; i < 15; ++i) watch.add(text(i));
  CHECK(watch.rates().answers() == 20);
  CHECK(watch.rates().refused() == 5);
  CHECK(watch.rates().truncated() == 0);
}

TEST_CASE("answers with one text are duplicates of each other and the first is one once there is a second",
          "[quality]") {
  AnswerWatch watch(guard(20));
  CHECK_FALSE(watch.add(text(7)).duplicate);
  CHECK(watch.rates().duplicate() == 0);
  CHECK(watch.add(text(7)).duplicate);
  CHECK(watch.rates().duplicate() == 2);
  CHECK(watch.add(text(7)).duplicate);
  CHECK(watch.rates().duplicate() == 3);
}

TEST_CASE("refusals and empty answers are no duplicates", "[quality]") {
  AnswerWatch watch(guard(20));
  for (int i = 0; i < 5; ++i) {
    CHECK_FALSE(watch.add({.refused = true, .text_hash = 1}).duplicate);
    CHECK_FALSE(watch.add({.empty = true, .text_hash = 2}).duplicate);
  }
  CHECK(watch.rates().duplicate() == 0);
}

TEST_CASE("duplicates agree with a count over the window whatever comes and goes", "[quality]") {
  AnswerWatch watch(guard(50));
  std::deque<uint64_t> window;
  std::mt19937_64 random(1);
  for (int i = 0; i < 5000; ++i) {
    const uint64_t hash = random() % 60;
    watch.add(text(hash));
    window.push_back(hash);
    if (window.size() > 50) window.pop_front();
    const auto expected = std::count_if(
        window.begin(), window.end(), [&](uint64_t one) { return std::count(window.begin(), window.end(), one) > 1; });
    REQUIRE(watch.rates().duplicate() == static_cast<uint64_t>(expected));
  }
}

TEST_CASE("fewer than twenty answers prove nothing", "[quality]") {
  AnswerWatch watch(guard(200, 0.2));
  for (int i = 0; i < 19; ++i) {
    watch.add({.refused = true});
    CHECK_FALSE(watch.trips(guard(200, 0.2)));
  }
  watch.add({.refused = true});
  const auto trip = watch.trips(guard(200, 0.2));
  REQUIRE(trip);
  CHECK(trip->trait == "refused");
  CHECK(trip->count == 20);
  CHECK(trip->answers == 20);
  CHECK(trip->threshold == 0.2);
}

TEST_CASE("nothing trips that is not watched", "[quality]") {
  AnswerWatch watch(guard(200));
  for (int i = 0; i < 200; ++i) watch.add({.refused = true, .truncated = true, .empty = true});
  CHECK_FALSE(watch.trips(guard(200)));
  CHECK_FALSE(quality::watches(guard(200)));
  v1::Guard empty;
  empty.set_empty_max(0.5);
  CHECK(quality::watches(empty));
  CHECK(watch.trips(empty)->trait == "empty");
}

TEST_CASE("a job whose teacher refuses less than its guard allows is not paused by chance", "[quality]") {
  // Forty jobs of 20,000 answers: the guard is asked 800,000 times.
  for (uint64_t seed = 0; seed < 40; ++seed) {
    AnswerWatch watch(guard(200, 0.2));
    CHECK(until_trip(watch, guard(200, 0.2), 0.17, 20'000, seed) == 20'000);
  }
}

TEST_CASE("a teacher that begins to refuse is found out within a bounded number of answers", "[quality]") {
  int worst = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    AnswerWatch watch(guard(200, 0.2));
    REQUIRE(until_trip(watch, guard(200, 0.2), 0.02, 400, seed) == 400);
    worst = std::max(worst, until_trip(watch, guard(200, 0.2), 1, 400, seed));
  }
  CHECK(worst <= 64);
  AnswerWatch fresh(guard(200, 0.2));
  CHECK(until_trip(fresh, guard(200, 0.2), 1, 400, 0) == 20);
}

TEST_CASE("another window keeps the newest answers and a cleared watch has seen none", "[quality]") {
  AnswerWatch watch(guard(200));
  for (int i = 0; i < 100; ++i) watch.add({.refused = i >= 80, .text_hash = 1});
  watch.set_window(guard(20));
  CHECK(watch.rates().answers() == 20);
  CHECK(watch.rates().refused() == 20);
  CHECK(watch.rates().duplicate() == 0);
  watch.clear();
  CHECK(watch.rates().answers() == 0);
  CHECK_FALSE(watch.add(text(1)).duplicate);
}

TEST_CASE("the reason for a pause names teacher rate and threshold", "[quality]") {
  const std::string reason = quality::reason_of({"refused", 82, 200, 0.2}, "qwen");
  CHECK(reason.find("guard: of qwen's last 200 answers 41 % were refused; the guard allows 20 %: look at "
                    "`harvestctl pairs tail`, then `harvestctl jobs resume`") == 0);
  CHECK(quality::reason_of({"duplicate", 50, 200, 0.1}, "qwen").find("25 % had the text of another;") !=
        std::string::npos);
}
