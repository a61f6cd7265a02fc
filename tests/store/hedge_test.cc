#include <catch2/catch.hpp>

#include "rig.h"

namespace harvest::store::test {
namespace {

constexpr uint32_t kDay = 19000;

/// The intent of an attempt that two calls are made of, and the second call's own.
struct Hedged {
  v1::Intent both, second;
};
Hedged hedged(Rig& rig, const v1::Intent& first) {
  Hedged made{.both = first, .second = rig.intent(first.job_number(), first.stream(), first.ordinal())};
  made.second.set_hedge(true);
  made.both.set_cost_max_picodollars(first.cost_max_picodollars() + made.second.cost_max_picodollars());
  rig.must(Hedge{made.both});
  return made;
}

}  // namespace

TEST_CASE("a hedged attempt is one intent that bounds both calls", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(1);
  const v1::Intent first = rig.asked(job, 0);
  hedged(rig, first);
  CHECK(rig->job(job)->counters().attempts() == 2);
  CHECK(rig->job(job)->counters().hedges() == 1);
  CHECK(rig->teacher_day("t0", kDay).requests == 2);
  rig.crash();
  rig.open();
  REQUIRE(rig->start_report().crash_intents.size() == 1);
  CHECK(rig->start_report().crash_intents[0].cost_max_picodollars() == 2 * first.cost_max_picodollars());
  CHECK(rig->job(job)->counters().at_risk_picodollars() == 2 * first.cost_max_picodollars());
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("the call that a hedged attempt did not wait for is named until it ends, and its answer is kept", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(2);
  const v1::Intent first = rig.asked(job, 0);
  const Hedged made = hedged(rig, first);
  const int64_t bound = made.second.cost_max_picodollars();
  Settle settle = rig.settle(first);
  settle.late = made.second;
  settle.charge.at_risk_picodollars = bound;
  rig.must(settle);
  REQUIRE(rig->lost_attempts("", 10).size() == 1);
  CHECK(rig->lost_attempts("", 10)[0].intent.id() == made.second.id());
  CHECK(rig->job(job)->counters().at_risk_picodollars() == bound);

  SECTION("over a crash it stays named") {
    rig.crash();
    rig.open();
    CHECK(rig->start_report().crash_intents.empty());
    CHECK(rig->lost_attempts("", 10).size() == 1);
    CHECK(rig->job(job)->counters().at_risk_picodollars() == bound);
  }
  SECTION("once it has ended it is booked at what it came to") {
    SettleLate late{.intent = made.second, .charge = {.spent_picodollars = 600, .at_risk_picodollars = -bound}};
    late.answer.emplace();
    late.answer->set_raw("the later answer");
    late.answer->set_cost_picodollars(600);
    late.answer->set_job(rig->job(job)->id());
    const Applied applied = rig.must(late);
    CHECK(rig->answer(applied.number)->raw() == "the later answer");
    CHECK(rig->lost_attempts("", 10).empty());
    CHECK(rig->job(job)->counters().at_risk_picodollars() == 0);
    CHECK(rig->job(job)->counters().spent_picodollars() == 1300);
    CHECK(rig->job(job)->counters().answered() == 1);
    CHECK(rig->dataset("d")->pairs() == 1);
  }
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

}  // namespace harvest::store::test
