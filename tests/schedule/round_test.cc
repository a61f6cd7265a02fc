#include "service/schedule/round.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <deque>
#include <random>

using harvest::schedule::Head;
using harvest::schedule::Member;
using harvest::schedule::Round;

namespace {

/// A round of members that never run dry, and how often they were looked at.
class Circle {
 public:
  struct Counted : Member {
    explicit Counted(Circle& circle) : circle(circle) {}
    Head head() override {
      ++circle.looks;
      circle.last = this;
      return {.cost = cost};
    }
    Circle& circle;
    int64_t cost = 1;
    int64_t tokens = 0;
  };

  Counted& add(double weight, int64_t cost) {
    Counted& added = members.emplace_back(*this);
    added.cost = cost;
    round.reweigh(added, weight);
    round.join(added);
    return added;
  }
  Counted& take() {
    round.head();
    const int64_t looked = looks;
    round.head();  // once more it only asks the member in front
    looks = looked;
    Counted& served = *last;
    served.tokens += served.cost;
    round.take(served, served.cost);
    return served;
  }

  Round round;
  std::deque<Counted> members;
  Counted* last = nullptr;
  int64_t looks = 0;
};

}  // namespace

TEST_CASE("a take looks at few members, whatever the weights and sizes", "[schedule]") {
  std::mt19937 random(1);
  const auto any = [&](double from, double to) {
    return std::pow(10, std::uniform_real_distribution<double>(from, to)(random));
  };
  for (const double spread : {0.0, 1.0, 3.0}) {
    for (const int members : {1, 10, 2000}) {
      Circle circle;
      for (int i = 0; i < members; ++i) {
        circle.add(any(-spread, spread), static_cast<int64_t>(any(0, 4)));
      }
      // One that is served from time to time only, heavier than all others: its absence must not make them slow.
      Circle::Counted& flighty = circle.add(1e6, 100);
      const int takes = 100'000;
      for (int i = 0; i < takes; ++i) {
        Circle::Counted& served = circle.take();
        if (random() % 10 == 0) served.cost = static_cast<int64_t>(any(0, 4));
        if (&served == &flighty) circle.round.leave(flighty);
        if (i % 5000 == 0 && !flighty.joined()) circle.round.join(flighty);
      }
      INFO(members << " members, weights over 10^" << 2 * spread);
      CHECK(circle.looks < 10 * takes);
    }
  }
}

TEST_CASE("missing rounds are added in one step", "[schedule]") {
  Circle circle;
  for (int i = 0; i < 10; ++i) circle.add(1, 1);
  for (int i = 0; i < 2000; ++i) circle.take();
  for (Circle::Counted& member : circle.members) member.cost = 10'000'000;
  circle.looks = 0;
  circle.take();
  CHECK(circle.looks < 100);
}

TEST_CASE("who comes and goes moves nobody else's share", "[schedule]") {
  Circle circle;
  Circle::Counted& early = circle.add(1, 10);
  Circle::Counted& late = circle.add(1, 10);
  Circle::Counted& heavy = circle.add(100, 10);
  // The heavy one is there whenever it is the turn of the early one, and never when it is that of the late one.
  for (int i = 0; i < 100'000; ++i) {
    const Circle::Counted& served = circle.take();
    if (&served == &early && heavy.joined()) circle.round.leave(heavy);
    if (&served == &late && !heavy.joined()) circle.round.join(heavy);
  }
  CHECK(static_cast<double>(early.tokens) / static_cast<double>(late.tokens) == Approx(1).epsilon(0.01));
}

TEST_CASE("who comes back gets no second quantum of the same round", "[schedule]") {
  Circle circle;
  Circle::Counted& steady = circle.add(1, 10);
  Circle::Counted& restless = circle.add(1, 10);
  for (int i = 0; i < 10'000; ++i) {
    if (&circle.take() != &restless) continue;
    circle.round.leave(restless);
    circle.round.join(restless);
  }
  CHECK(restless.tokens <= steady.tokens + 20);
}

TEST_CASE("what is left of a quantum is not saved up over idle times", "[schedule]") {
  Circle circle;
  Circle::Counted& restless = circle.add(1, 1);
  circle.add(1, 100);
  for (int i = 0; i < 1000; ++i) {
    if (&circle.take() != &restless) continue;
    circle.round.leave(restless);
    circle.round.join(restless);
  }
  int run = 0;
  for (int i = 0; i < 1000; ++i) {
    run = &circle.take() == &restless ? run + 1 : 0;
    REQUIRE(run <= 200);  // what the other needs for an item, and a quantum
  }
}

TEST_CASE("debts are settled, but leave a part of each quantum", "[schedule]") {
  Circle circle;
  Circle::Counted& owing = circle.add(1, 10);
  Circle::Counted& other = circle.add(1, 10);
  for (int i = 0; i < 1000; ++i) circle.take();
  const int64_t before = owing.tokens;
  const int64_t others = other.tokens;
  circle.round.owe(owing, 100);
  for (int i = 0; i < 1000; ++i) circle.take();
  CHECK(std::abs((other.tokens - others) - (owing.tokens - before) - 100) <= 20);

  // Advances without end: it is still served.
  owing.tokens = other.tokens = 0;
  for (int i = 0; i < 10'000; ++i) {
    circle.take();
    circle.round.owe(owing, 1000);
  }
  CHECK(owing.tokens >= other.tokens / 17);
  // And when they end, they are not held against it for long: 16 quanta and an item.
  owing.tokens = other.tokens = 0;
  for (int i = 0; i < 1000; ++i) circle.take();
  CHECK(other.tokens - owing.tokens <= 16 * 10 + 1000 + 20);
}

TEST_CASE("credit is paid out in portions", "[schedule]") {
  Circle circle;
  Circle::Counted& rich = circle.add(1, 10);
  circle.add(1, 10);
  for (int i = 0; i < 1000; ++i) circle.take();
  circle.round.owe(rich, -100);
  int run = 0;
  for (int i = 0; i < 1000; ++i) {
    run = &circle.take() == &rich ? run + 1 : 0;
    CHECK(run <= 3);  // two quanta and one item
  }
}
