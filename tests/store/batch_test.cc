#include <catch2/catch.hpp>

#include "rig.h"

namespace harvest::store::test {
namespace {

v1::Batch batch_of(uint64_t job, v1::BatchState state, uint64_t members = 0) {
  v1::Batch batch;
  batch.set_number(1);
  batch.set_token("t");
  batch.set_job_number(job);
  batch.set_teacher("t0");
  batch.set_state(state);
  batch.set_members(members);
  return batch;
}

v1::Intent member(Rig& rig, uint64_t job, uint64_t ordinal) {
  v1::Intent intent = rig.intent(job, 0, ordinal);
  intent.set_batch(1);
  rig.must(rig.reserve(intent));
  return intent;
}

}  // namespace

TEST_CASE("members of a batch that was sealed outlive a crash, and are no crash's attempts", "[store][batch]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(4);
  rig.must(PutBatch{batch_of(job, v1::GATHERING)});
  const v1::Intent first = member(rig, job, 0);
  member(rig, job, 1);
  rig.must(PutBatch{batch_of(job, v1::SEALED, 2)});
  const v1::Intent online = rig.asked(job, 2);
  rig.crash();
  rig.open();
  REQUIRE(rig->start_report().crash_intents.size() == 1);
  CHECK(rig->start_report().crash_intents[0].ordinal() == online.ordinal());
  REQUIRE(rig->lost_attempts("", 10).size() == 1);
  CHECK(rig->lost_attempts("", 10)[0].intent.id() == online.id());
  // What went online stays there.
  const std::vector<v1::Postponed> waiting = rig->postponed(job, 0, INT64_MAX, 10);
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].online());
  REQUIRE(rig->batches().size() == 1);
  CHECK(rig->batches()[0].state() == v1::SEALED);
  CHECK(rig->members(rig->batches()[0]).size() == 2);
  CHECK(rig->teacher_day("t0", 19000).requests == 1);

  rig.must(rig.settle(first));
  REQUIRE(rig->members(rig->batches()[0]).size() == 1);
  CHECK(rig->members(rig->batches()[0])[0].ordinal() == 1);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("a batch that was being gathered is dissolved by a crash: its members wait again, unbilled",
          "[store][batch]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(3);
  rig.must(PutBatch{batch_of(job, v1::GATHERING)});
  member(rig, job, 0);
  member(rig, job, 1);
  SECTION("in a crash") {
    rig.crash();
  }
  SECTION("in a clean end, which leaves it open") {
    rig.close();
  }
  rig.open();
  CHECK(rig->start_report().crash_intents.empty());
  CHECK(rig->batches()[0].state() == v1::DISSOLVED);
  CHECK(rig->batches()[0].members() == 2);
  CHECK(rig->members(rig->batches()[0]).empty());
  const auto waiting = rig->postponed(job, 0, rig.now_us, 10);
  REQUIRE(waiting.size() == 2);
  CHECK(waiting[0].attempts() == 0);
  CHECK(waiting[0].crashes() == 0);
  CHECK(rig->job(job)->counters().at_risk_picodollars() == 0);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("a member whose end did not reach the disk although its batch was taken over is a crash's attempt",
          "[store][batch]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(2);
  rig.must(PutBatch{batch_of(job, v1::GATHERING)});
  member(rig, job, 0);
  rig.must(PutBatch{batch_of(job, v1::TAKEN_OVER, 1)});
  rig.crash();
  rig.open();
  REQUIRE(rig->start_report().crash_intents.size() == 1);
  CHECK(rig->job(job)->counters().at_risk_picodollars() == 1000);
  CHECK(rig->postponed(job, 0, rig.now_us, 10).size() == 1);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

}  // namespace harvest::store::test
