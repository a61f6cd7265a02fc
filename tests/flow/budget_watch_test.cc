#include "service/flow/budget_watch.h"

#include <catch2/catch.hpp>

using harvest::flow::BudgetWatch;
using harvest::limit::Budget;

namespace {

void spend(Budget& budget, int64_t amount) {
  budget.reserve(amount);
  budget.settle(amount, amount, 0);
}

}  // namespace

TEST_CASE("each threshold of a cap is told once, as it is passed", "[flow][budget]") {
  BudgetWatch watch({95, 80});
  Budget budget(100);
  CHECK_FALSE(watch.passed("b", budget));
  spend(budget, 79);
  CHECK_FALSE(watch.passed("b", budget));
  spend(budget, 1);
  CHECK(watch.passed("b", budget) == 80);
  CHECK_FALSE(watch.passed("b", budget));
  spend(budget, 20);
  CHECK(watch.passed("b", budget) == 95);
  CHECK_FALSE(watch.passed("b", budget));
}

TEST_CASE("a jump over several thresholds is told as the highest", "[flow][budget]") {
  BudgetWatch watch({50, 80, 95});
  Budget budget(100);
  spend(budget, 90);
  CHECK(watch.passed("b", budget) == 80);
}

TEST_CASE("what is at risk counts as spent, what is reserved does not count", "[flow][budget]") {
  BudgetWatch watch({80});
  Budget budget(100);
  budget.reserve(90);
  CHECK_FALSE(watch.passed("b", budget));
  budget.settle(90, 0, 90);
  CHECK(watch.passed("b", budget) == 80);
}

TEST_CASE("under a larger cap a threshold may be passed again", "[flow][budget]") {
  BudgetWatch watch({80});
  Budget budget(100);
  spend(budget, 80);
  REQUIRE(watch.passed("b", budget) == 80);
  budget.set_cap(200);
  CHECK_FALSE(watch.passed("b", budget));
  spend(budget, 80);
  CHECK(watch.passed("b", budget) == 80);
}

TEST_CASE("without a cap there is nothing to warn of", "[flow][budget]") {
  BudgetWatch watch({80});
  Budget budget;
  spend(budget, 1'000'000);
  CHECK_FALSE(watch.passed("b", budget));
}

TEST_CASE("every budget has thresholds of its own", "[flow][budget]") {
  BudgetWatch watch({80});
  Budget one(100), other(100);
  spend(one, 80);
  spend(other, 80);
  CHECK(watch.passed("one", one) == 80);
  CHECK(watch.passed("other", other) == 80);
}
