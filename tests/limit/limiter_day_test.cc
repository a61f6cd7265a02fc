// What a vendor grants for a day.
#include "service/limit/limiter.h"

#include <catch2/catch.hpp>
#include <deque>
#include <vector>

#include "service/limit/utc_day.h"
#include "tests/limit/stated_rates.h"

using harvest::limit::Demand;
using harvest::limit::Dimension;
using harvest::limit::Instant;
using harvest::limit::kDayUs;
using harvest::limit::Limiter;
using harvest::limit::Permit;
using harvest::limit::Verdict;
using namespace std::chrono_literals;

TEST_CASE("a day's requests begin anew at midnight", "[limit]") {
  harvest::v1::Limits limits;
  limits.set_requests_per_day(1);
  Limiter limiter(limits);
  const int64_t noon = kDayUs / 2;
  limiter.take({}, 1h, noon);
  CHECK(limiter.ask({}, 1h, noon).ready_at == 13h);
  CHECK(limiter.ask({}, 13h, kDayUs).granted);
}

TEST_CASE("a day's requests begin anew where the vendor's day does", "[limit]") {
  harvest::v1::Limits limits;
  limits.set_requests_per_day(1);
  limits.set_day_zone("America/Los_Angeles");
  Limiter limiter(limits);
  const auto at = [](int hours) { return static_cast<int64_t>(hours) * 3'600'000'000; };
  const int64_t january = 10 * kDayUs, july = 190 * kDayUs;  // of 1970
  limiter.take({}, 1h, january + at(7));                     // 23:00 of the day before
  CHECK(limiter.ask({}, 1h, january + at(7)).ready_at == 2h);
  CHECK(limiter.ask({}, 2h, january + at(8)).granted);
  CHECK(limiter.first_utc_day(january + at(7)) == 9);
  CHECK(limiter.first_utc_day(january + at(8)) == 10);
  CHECK(limiter.is_of_day_before(january + at(7), january + at(8)));
  CHECK_FALSE(limiter.is_of_day_before(january + at(8) - 1, january + at(8)));  // it may arrive behind midnight
  limiter.take({}, 3h, july + at(8));
  CHECK(limiter.ask({}, 3h, july + at(8)).ready_at == 3h + 23h);  // summer time
}

TEST_CASE("a request sent just before midnight counts on both days", "[limit]") {
  harvest::v1::Limits limits;
  limits.set_requests_per_day(1);
  Limiter limiter(limits);
  limiter.take({}, 1h, kDayUs - 100'000);
  CHECK_FALSE(limiter.ask({}, 2h, kDayUs + 1).granted);
  CHECK(limiter.ask({}, 26h, 2 * kDayUs + 1).granted);
}

TEST_CASE("a quota of the day parks the teacher for as long as the vendor says", "[limit]") {
  Limiter limiter(per_minute(600, 1'000'000, 1'000'000));
  limiter.learn({.throttled = true, .refused_by = Dimension::kRequestsPerDay, .retry_after = 7h, .sent_at = 1h}, 1h);
  const Verdict verdict = limiter.ask({}, 1h + 1s, 0);
  CHECK(verdict.binding == Dimension::kRequestsPerDay);
  CHECK(verdict.ready_at == 8h);
  CHECK(limiter.held_until() == 8h);
  CHECK(limiter.effective_ratio() == Approx(1.0));
}
