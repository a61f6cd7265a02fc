#include "service/limit/budget.h"

#include <catch2/catch.hpp>
#include <random>
#include <vector>

using harvest::limit::Budget;

TEST_CASE("the last picodollar fits and one more does not", "[limit]") {
  Budget budget(100);
  budget.restore(40, 10);
  CHECK(budget.fits(50));
  CHECK_FALSE(budget.fits(51));
  budget.reserve(50);
  CHECK_FALSE(budget.fits(1));
  CHECK(budget.fits(0));
  budget.settle(50, 20, 0);
  CHECK(budget.fits(30));
}

TEST_CASE("what may have been billed stays spent", "[limit]") {
  Budget budget(100);
  budget.reserve(60);
  budget.settle(60, 0, 60);
  CHECK(budget.at_risk() == 60);
  CHECK_FALSE(budget.fits(41));
}

TEST_CASE("without a cap everything fits that can be counted, however much is in flight", "[limit]") {
  Budget budget;
  CHECK(budget.fits(Budget::kCountedMax));
  CHECK_FALSE(budget.fits(INT64_MAX));
  budget.reserve(Budget::kCountedMax - 1);
  CHECK(budget.fits(1));
  CHECK_FALSE(budget.fits(2));
}

TEST_CASE("no interleaving of reservations passes the cap", "[limit]") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    Budget budget(1000);
    std::vector<int64_t> held;
    for (int step = 0; step < 200; ++step) {
      const int64_t cost = random() % 200;
      if (random() % 2 == 0 && budget.fits(cost)) {
        budget.reserve(cost);
        held.push_back(cost);
      } else if (!held.empty()) {
        const int64_t back = held.back();
        held.pop_back();
        const bool lost = random() % 4 == 0;
        budget.settle(back, lost ? 0 : back / 2, lost ? back : 0);
      }
      REQUIRE(budget.spent() + budget.at_risk() + budget.reserved() <= 1000);
    }
  }
}
