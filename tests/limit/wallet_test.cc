#include "service/limit/wallet.h"

#include <catch2/catch.hpp>

#include "service/limit/utc_day.h"

using namespace harvest::limit;
using namespace std::chrono_literals;

namespace {

/// 2026-11-30, a Monday, and the last day of its month.
constexpr uint32_t kLastOfMonth = 20787;

int64_t noon_of(uint32_t day) {
  return static_cast<int64_t>(day) * kDayUs + kDayUs / 2;
}

Permit permit_of(int64_t cost, uint32_t day) {
  return {.reserved = {.cost_picodollars = cost}, .day = day};
}

}  // namespace

TEST_CASE("months begin where the calendar says", "[limit][money]") {
  CHECK(month_of(0) == 0);
  CHECK(month_after(0) == 31);
  CHECK(month_of(kLastOfMonth) == kLastOfMonth - 29);
  CHECK(month_after(kLastOfMonth) == kLastOfMonth + 1);
  CHECK(month_of(kLastOfMonth + 1) == kLastOfMonth + 1);
}

TEST_CASE("a day's money begins anew at midnight", "[limit][money]") {
  Purse teacher({.day = 100});
  const Wallet wallet{.teacher = &teacher};
  const uint32_t day = wallet.reserve(80, noon_of(5));
  CHECK(day == 5);
  const Verdict verdict = wallet.ask(80, 1h, noon_of(5));
  CHECK(verdict.binding == Dimension::kTeacherBudget);
  CHECK(verdict.ready_at == 13h);
  CHECK(wallet.ask(80, 13h, noon_of(5) + kDayUs / 2).granted);
  CHECK(wallet.ask(101, 13h, noon_of(6)).ready_at == Instant::max());

  SECTION("and what was reserved is settled on its own day") {
    wallet.reserve(80, noon_of(6));
    wallet.settle(permit_of(80, day), {.cost_picodollars = 80});
    CHECK(teacher.today().reserved() == 80);
    CHECK(teacher.today().spent() == 0);
    CHECK(teacher.month().spent() == 80);
  }
}

TEST_CASE("a month that is spent waits for the next one", "[limit][money]") {
  Purse teacher({.day = 100, .month = 150});
  const Wallet wallet{.teacher = &teacher};
  const uint32_t last = kLastOfMonth;
  wallet.settle(permit_of(100, wallet.reserve(100, noon_of(last - 1))), {.cost_picodollars = 100});
  CHECK(wallet.ask(50, 1h, noon_of(last)).granted);
  // The day has room for it, the month has not: the last day has twelve hours to go.
  CHECK(wallet.ask(51, 1h, noon_of(last)).ready_at == 13h);
  CHECK(wallet.ask(100, 13h, noon_of(last) + kDayUs / 2).granted);
  // Two days before, it would wait for both of them.
  CHECK(wallet.ask(51, 1h, noon_of(last - 1)).ready_at == 1h + 36h);
}

TEST_CASE("what no day or month can pay waits for an event", "[limit][money]") {
  Purse teacher({.month = 150});
  CHECK(Wallet{.teacher = &teacher}.ask(151, 1h, 0).ready_at == Instant::max());
}

TEST_CASE("a job without money waits for an event", "[limit][money]") {
  Budget job(100);
  Purse teacher;
  const Wallet wallet{.job = &job, .teacher = &teacher};
  const uint32_t day = wallet.reserve(100, 0);
  const Verdict verdict = wallet.ask(1, 1h, 0);
  CHECK(verdict.binding == Dimension::kJobBudget);
  CHECK(verdict.ready_at == Instant::max());
  wallet.settle(permit_of(100, day), {.cost_picodollars = 60});
  CHECK(wallet.ask(40, 1h, 0).granted);
  CHECK_FALSE(wallet.ask(41, 1h, 0).granted);
}

TEST_CASE("a tenant's cap holds over all of its teachers and jobs", "[limit][money]") {
  Budget one(1000), other(1000);
  Purse cheap, dear, tenant({.day = 100});
  const Wallet first{.job = &one, .teacher = &cheap, .tenant = &tenant};
  const Wallet second{.job = &other, .teacher = &dear, .tenant = &tenant};
  const uint32_t day = first.reserve(60, noon_of(9));
  CHECK(second.ask(41, 1h, noon_of(9)).binding == Dimension::kTenantBudget);
  first.settle(permit_of(60, day), {.at_risk = true});
  CHECK(tenant.today().at_risk() == 60);
  CHECK_FALSE(second.ask(41, 1h, noon_of(9)).granted);
  CHECK(second.ask(40, 1h, noon_of(9)).granted);
}

TEST_CASE("what an earlier run handed in stays reserved, even above a cap that was lowered", "[limit][money]") {
  Budget job(100);
  Purse teacher({.day = 100});
  const Wallet wallet{.job = &job, .teacher = &teacher};
  teacher.restore(7, {}, {});
  wallet.hold(300, 7);
  CHECK(job.reserved() == 300);
  CHECK_FALSE(wallet.ask(1, 1h, noon_of(7)).granted);
  wallet.settle(permit_of(300, 7), {.cost_picodollars = 80});
  CHECK(job.reserved() == 0);
  CHECK(wallet.ask(20, 1h, noon_of(7)).granted);
}

TEST_CASE("what was booked before a restart counts, the month's earlier days too", "[limit][money]") {
  Purse teacher({.day = 100, .month = 200});
  teacher.restore(kLastOfMonth, {.spent = 10, .at_risk = 20}, {.spent = 100, .at_risk = 5});
  CHECK(teacher.today().spent() == 10);
  CHECK(teacher.month().spent() == 110);
  CHECK(teacher.month().at_risk() == 25);
  const Wallet wallet{.teacher = &teacher};
  CHECK(wallet.ask(65, 1h, noon_of(kLastOfMonth)).granted);
  CHECK_FALSE(wallet.ask(66, 1h, noon_of(kLastOfMonth)).granted);
}

TEST_CASE("a clock that is set back leaves every purse on the day that one has reached", "[limit][money]") {
  Purse ahead, behind({.day = 100}), tenant({.day = 100});
  Wallet{.teacher = &ahead, .tenant = &tenant}.reserve(10, noon_of(6));
  const Wallet wallet{.teacher = &behind, .tenant = &tenant};
  const uint32_t day = wallet.reserve(90, noon_of(5));
  CHECK(day == 6);
  CHECK_FALSE(wallet.ask(1, 1h, noon_of(5)).granted);
  wallet.settle(permit_of(90, day), {.cost_picodollars = 1});
  CHECK(tenant.today().reserved() == 10);
  CHECK(behind.today().reserved() == 0);
}

TEST_CASE("what an earlier run reserved is held by a purse that knew nothing of the day", "[limit]") {
  // A batch was with its vendor over a restart, and its tenant has no caps and no figures.
  constexpr uint32_t kToday = 20'600;
  Purse purse;
  purse.hold(30, kToday);
  CHECK(purse.today().reserved() == 30);
  purse.reserve(5, kToday);
  purse.settle(kToday, 30, 20, 0);
  purse.settle(kToday, 5, 5, 0);
  CHECK(purse.today().reserved() == 0);
  CHECK(purse.month().spent() == 25);
}
