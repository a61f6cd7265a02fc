// Samples that are asked one after the other until one is accepted: as the store keeps them.
#include <catch2/catch.hpp>

#include "rig.h"

namespace harvest::store::test {
namespace {

/// A committed job that asks each of `prompts` at most `samples` times.
uint64_t until_accepted(Rig& rig, uint64_t prompts, uint32_t samples, int teachers = 1) {
  const uint64_t job = rig.draft(teachers, samples);
  v1::Job spec = rig->job(job)->job();
  spec.set_until("not refused");
  rig.must(SetJobSpec{job, spec});
  AddPrompts add{job, 0, prompts, prompt_block(0, prompts)};
  add.later_turns.assign(prompts, samples - 1);
  rig.must(add);
  rig.must(CommitDraft{job, prompts, 0});
  return job;
}

/// The sample is answered; where it is not the last, the next one's row waits to be decided.
Settle sample_answered(Rig& rig, const v1::Intent& intent, uint32_t samples) {
  Settle settle = rig.settle(intent);
  Settled& sample = settle.samples[0];
  if (intent.turn() + 1 == samples) return settle;
  v1::Postponed& next = sample.onward.next.emplace();
  next.set_due_at_us(kUndecided);
  next.set_turn(intent.turn() + 1);
  next.add_parent_record_ids(sample.pair.record_id());
  return settle;
}

/// The attempt at the sample whose row is due.
v1::Intent next_sample(Rig& rig, uint64_t job) {
  const auto due = rig->postponed(job, 0, rig.now_us + 1'000'000, 1);
  REQUIRE(due.size() == 1);
  v1::Intent intent = rig.intent(job, 0, due[0].ordinal());
  intent.set_turn(due[0].turn());
  intent.set_crashes(due[0].crashes());
  *intent.mutable_parent_record_ids() = due[0].parent_record_ids();
  rig.must(rig.reserve(intent, due[0].due_at_us()));
  return intent;
}

DecideSample decision(Rig& rig, uint64_t job, uint64_t ordinal, uint32_t sample, bool ask) {
  return {.job = job, .ordinal = ordinal, .sample = sample, .ask = ask, .at_us = rig.now_us};
}

}  // namespace

TEST_CASE("a sample waits until the one before it is decided and is then asked or counted as unasked",
          "[store][until]") {
  Rig rig;
  rig.open();
  const uint64_t job = until_accepted(rig, 2, 4);
  CHECK(rig->job(job)->counters().queries() == 8);
  rig.must(sample_answered(rig, rig.asked(job, 0), 4));
  CHECK(rig->postponed(job, 0, kUndecided - 1, 10).empty());
  REQUIRE(rig->postponed(job, 0, kUndecided, 10).size() == 1);
  CHECK(*rig->first_open_prompt(job) == 0);
  REQUIRE(rig->undecided(job, 0, 0));
  CHECK(rig->undecided(job, 0, 0)->turn() == 1);
  CHECK_FALSE(rig->undecided(job, 0, 1));

  CHECK(rig.must(decision(rig, job, 0, 1, true)).count == 1);
  const auto due = rig->postponed(job, 0, rig.now_us, 10);
  REQUIRE(due.size() == 1);
  CHECK(due[0].turn() == 1);
  CHECK_FALSE(rig->undecided(job, 0, 0));
  CHECK(rig.must(decision(rig, job, 0, 1, false)).count == 0);  // it was decided
  rig.must(sample_answered(rig, next_sample(rig, job), 4));
  CHECK(rig->pairs("d", 1, 1).at(0).pair.sample() == 1);

  CHECK(rig.must(decision(rig, job, 0, 1, false)).count == 0);  // of the sample before
  const Applied enough = rig.must(decision(rig, job, 0, 2, false));
  CHECK(enough.count == 1);
  CHECK(enough.turns == 2);
  CHECK(rig->job(job)->counters().unasked() == 2);
  CHECK(rig->job(job)->state() == v1::RUNNING);
  CHECK(*rig->first_open_prompt(job) == 1);

  rig.must(sample_answered(rig, rig.asked(job, 1), 4));
  rig.must(decision(rig, job, 1, 1, false));
  const auto record = *rig->job(job);
  CHECK(record.counters().answered() == 3);
  CHECK(record.counters().unasked() == 5);
  CHECK(record.state() == v1::FINISHED);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("a prompt none of whose samples is accepted is asked all of them", "[store][until]") {
  Rig rig;
  rig.open();
  const uint64_t job = until_accepted(rig, 1, 3);
  rig.must(sample_answered(rig, rig.asked(job, 0), 3));
  for (uint32_t sample = 1; sample < 3; ++sample) {
    rig.must(decision(rig, job, 0, sample, true));
    rig.must(sample_answered(rig, next_sample(rig, job), 3));
  }
  CHECK(rig->job(job)->counters().answered() == 3);
  CHECK(rig->job(job)->counters().unasked() == 0);
  CHECK(rig->job(job)->state() == v1::FINISHED);
  CHECK(rig.must(decision(rig, job, 0, 3, true)).count == 0);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("crashes before and after a decision lose and double no sample", "[store][until]") {
  Rig rig;
  rig.open();
  const uint64_t job = until_accepted(rig, 2, 3);
  const Settle first = sample_answered(rig, rig.asked(job, 0), 3);
  rig.must(first);
  rig.crash();  // answered, and not decided
  CHECK(recount(rig.options) == kAgreement);

  rig.open();
  CHECK(rig->start_report().crash_intents.empty());
  const auto waiting = rig->postponed(job, 0, kUndecided, 10);
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].due_at_us() == kUndecided);
  CHECK(waiting[0].parent_record_ids(0) == first.samples[0].pair.record_id());
  rig.must(decision(rig, job, 0, 1, true));
  rig.crash();  // decided, and not asked
  CHECK(recount(rig.options) == kAgreement);

  rig.open();
  CHECK(rig.must(decision(rig, job, 0, 1, true)).count == 0);
  next_sample(rig, job);
  rig.crash();  // asked
  CHECK(recount(rig.options) == kAgreement);

  rig.open();
  REQUIRE(rig->start_report().crash_intents.size() == 1);
  const v1::Intent again = next_sample(rig, job);
  CHECK(again.turn() == 1);
  CHECK(again.crashes() == 1);
  rig.must(sample_answered(rig, again, 3));
  rig.must(decision(rig, job, 0, 2, false));
  rig.crash();
  CHECK(recount(rig.options) == kAgreement);
  rig.open();
  CHECK(rig->job(job)->counters().unasked() == 1);
  CHECK(rig->dataset("d")->pairs() == 2);
}

TEST_CASE("two decisions in one group are one", "[store][until]") {
  Rig rig;
  rig.open();
  const uint64_t job = until_accepted(rig, 1, 5);
  rig.must(sample_answered(rig, rig.asked(job, 0), 5));
  rig->apply(decision(rig, job, 0, 1, false), [](const absl::Status&, const Applied&) {});
  rig->apply(decision(rig, job, 0, 1, false), [](const absl::Status&, const Applied&) {});
  rig.must(decision(rig, job, 0, 1, true));
  CHECK(rig->job(job)->counters().unasked() == 4);
  CHECK(rig->job(job)->state() == v1::FINISHED);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("a sample that was open in three crashes is quarantined under its number", "[store][until]") {
  Rig rig;
  rig.open();
  const uint64_t job = until_accepted(rig, 1, 4);
  rig.must(sample_answered(rig, rig.asked(job, 0), 4));
  rig.must(decision(rig, job, 0, 1, true));
  for (int crash = 0; crash < 3; ++crash) {
    next_sample(rig, job);
    rig.crash();
    rig.open();
  }
  const auto record = *rig->job(job);
  CHECK(record.counters().quarantined() == 1);
  CHECK(record.counters().unasked() == 2);
  CHECK(record.state() == v1::FINISHED);
  CHECK(rig->endings(job, 0, 1).at(0).sample() == 1);

  CHECK(rig.must(RequeueEndings{job, rig.now_us}).turns == 2);
  CHECK(rig->job(job)->counters().unasked() == 0);
  rig.must(sample_answered(rig, next_sample(rig, job), 4));
  rig.must(decision(rig, job, 0, 2, false));
  CHECK(rig->job(job)->state() == v1::FINISHED);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("of a cancelled job a decision is kept and changes what counts as cancelled", "[store][until]") {
  Rig rig;
  rig.open();
  const uint64_t job = until_accepted(rig, 2, 3);
  rig.must(sample_answered(rig, rig.asked(job, 0), 3));
  rig.must(SetJobState{job, v1::CANCELLED, "", rig.now_us});
  CHECK(rig->job(job)->counters().cancelled() == 5);
  rig.must(decision(rig, job, 0, 1, false));
  CHECK(rig->job(job)->counters().cancelled() == 3);
  CHECK(rig->job(job)->state() == v1::CANCELLED);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("what a job asks until is fixed with its commit", "[store][until]") {
  Rig rig;
  rig.open();
  const uint64_t job = until_accepted(rig, 1, 3);
  v1::Job spec = rig->job(job)->job();
  spec.set_until("refused");
  CHECK(rig.fails(SetJobSpec{job, spec}).code() == absl::StatusCode::kFailedPrecondition);
}

}  // namespace harvest::store::test
