#include <catch2/catch.hpp>

#include "rig.h"

namespace harvest::store::test {
namespace {

/// A committed job of `prompts` conversations of `turns` turns each.
uint64_t talks(Rig& rig, uint64_t prompts, uint32_t turns, uint32_t samples = 1) {
  const uint64_t job = rig.draft(1, samples);
  v1::PromptBlock block;
  for (uint64_t i = 0; i < prompts; ++i) {
    v1::Prompt& prompt = *block.add_prompts();
    prompt.add_messages()->set_content("turn 0");
    for (uint32_t turn = 1; turn < turns; ++turn) prompt.add_later_turns()->set_content("a later turn");
    prompt.set_line(i + 1);
  }
  AddPrompts add{job, 0, prompts, block.SerializeAsString()};
  add.later_turns.assign(prompts, turns - 1);
  rig.must(add);
  rig.must(CommitDraft{job, prompts, 0});
  return job;
}

/// The attempt at a conversation's next turn, from its row.
v1::Intent next_asked(Rig& rig, uint64_t job) {
  const auto waiting = rig->postponed(job, 0, rig.now_us + 1'000'000, 1);
  REQUIRE(waiting.size() == 1);
  v1::Intent intent = rig.intent(job, 0, waiting[0].ordinal());
  intent.set_turn(waiting[0].turn());
  intent.set_crashes(waiting[0].crashes());
  *intent.mutable_parent_record_ids() = waiting[0].parent_record_ids();
  rig.must(rig.reserve(intent, waiting[0].due_at_us()));
  return intent;
}

/// The turn is answered, and `left` turns come after it.
Settle answered(Rig& rig, const v1::Intent& intent, uint32_t left, bool goes_on = true) {
  Settle settle = rig.settle(intent);
  Settled& sample = settle.samples[0];
  sample.pair.set_turn(intent.turn());
  *sample.pair.mutable_parent_record_ids() = intent.parent_record_ids();
  if (left > 0 && goes_on) {
    v1::Postponed& next = sample.onward.next.emplace();
    next.set_due_at_us(rig.now_us);
    next.set_turn(intent.turn() + 1);
    *next.mutable_parent_record_ids() = intent.parent_record_ids();
    next.add_parent_record_ids(sample.pair.record_id());
  } else {
    sample.onward.unasked = left;
  }
  return settle;
}

}  // namespace

TEST_CASE("a turn's answer brings the next turn's row in the same batch", "[store][turns]") {
  Rig rig;
  rig.open();
  const uint64_t job = talks(rig, 2, 3);
  CHECK(rig->job(job)->counters().queries() == 6);
  const Settle first = answered(rig, rig.asked(job, 0), 2);
  rig.must(first);
  const auto waiting = rig->postponed(job, 0, rig.now_us, 10);
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].ordinal() == 0);
  CHECK(waiting[0].turn() == 1);
  REQUIRE(waiting[0].parent_record_ids_size() == 1);
  CHECK(waiting[0].parent_record_ids(0) == first.samples[0].pair.record_id());

  rig.must(answered(rig, next_asked(rig, job), 1));
  rig.must(answered(rig, next_asked(rig, job), 0));
  CHECK(rig->job(job)->counters().answered() == 3);
  CHECK(rig->job(job)->state() == v1::RUNNING);
  rig.must(answered(rig, rig.asked(job, 1), 2, false));  // cut off at its first turn
  const auto record = *rig->job(job);
  CHECK(record.counters().unasked() == 2);
  CHECK(record.state() == v1::FINISHED);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("a crash between a turn's answer and the next turn's question loses and doubles nothing", "[store][turns]") {
  Rig rig;
  rig.open();
  const uint64_t job = talks(rig, 1, 2);
  const Settle first = answered(rig, rig.asked(job, 0), 1);
  rig.must(first);
  rig.crash();  // settled, and the next turn not yet taken
  CHECK(recount(rig.options) == kAgreement);

  rig.open();
  CHECK(rig->start_report().crash_intents.empty());
  const v1::Intent second = next_asked(rig, job);
  CHECK(second.turn() == 1);
  rig.crash();  // the next turn is out
  CHECK(recount(rig.options) == kAgreement);

  rig.open();
  REQUIRE(rig->start_report().crash_intents.size() == 1);
  const v1::Intent again = next_asked(rig, job);
  CHECK(again.turn() == 1);
  CHECK(again.crashes() == 1);
  REQUIRE(again.parent_record_ids_size() == 1);
  CHECK(again.parent_record_ids(0) == first.samples[0].pair.record_id());
  rig.must(answered(rig, again, 0));
  CHECK(rig->job(job)->state() == v1::FINISHED);
  CHECK(rig->dataset("d")->pairs() == 2);
  CHECK(rig->pairs("d", 1, 1).at(0).pair.parent_record_ids(0) == first.samples[0].pair.record_id());
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("a later turn that was open in three crashes is quarantined and the turns after it are not asked",
          "[store][turns]") {
  Rig rig;
  rig.open();
  const uint64_t job = talks(rig, 1, 4);
  rig.must(answered(rig, rig.asked(job, 0), 3));
  for (int crash = 0; crash < 3; ++crash) {
    next_asked(rig, job);
    rig.crash();
    rig.open();
  }
  const auto record = *rig->job(job);
  CHECK(record.counters().quarantined() == 1);
  CHECK(record.counters().unasked() == 2);
  CHECK(record.state() == v1::FINISHED);
  CHECK(rig->endings(job, 0, 1).at(0).turn() == 1);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("a conversation that ended without an answer is taken up again at the turn where it stood",
          "[store][turns]") {
  Rig rig;
  rig.open();
  const uint64_t job = talks(rig, 2, 3);
  const Settle first = answered(rig, rig.asked(job, 0), 2);
  rig.must(first);
  const v1::Intent second = next_asked(rig, job);
  End end = rig.end(second);
  end.ending.set_turn(1);
  end.unasked = 1;
  end.parent_record_ids = {first.samples[0].pair.record_id()};
  rig.must(end);
  End at_once = rig.end(rig.asked(job, 1));
  at_once.unasked = 2;
  rig.must(at_once);
  CHECK(rig->job(job)->counters().unasked() == 3);
  CHECK(rig->job(job)->state() == v1::FINISHED);

  CHECK(rig.must(RequeueEndings{job, rig.now_us}).count == 2);
  CHECK(rig->job(job)->counters().unasked() == 0);
  CHECK(rig->job(job)->state() == v1::RUNNING);
  const auto waiting = rig->postponed(job, 0, rig.now_us, 10);
  REQUIRE(waiting.size() == 2);
  CHECK(waiting[0].turn() == 1);
  CHECK(waiting[0].parent_record_ids(0) == first.samples[0].pair.record_id());
  CHECK(waiting[1].turn() == 0);
  rig.crash();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("a cancelled job's conversation in flight keeps its answer and asks no next turn until it is resumed",
          "[store][turns]") {
  Rig rig;
  rig.open();
  const uint64_t job = talks(rig, 2, 2);
  const v1::Intent out = rig.asked(job, 0);
  rig.must(SetJobState{job, v1::CANCELLED, "", rig.now_us});
  CHECK(rig->job(job)->counters().cancelled() == 4);
  rig.must(answered(rig, out, 1));
  CHECK(rig->job(job)->counters().cancelled() == 3);
  CHECK(rig->job(job)->state() == v1::CANCELLED);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("a chunk of conversations that is sent twice counts its turns once", "[store][turns]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.draft(2, 2);
  const auto chunk = [&](uint64_t first, uint64_t count) {
    v1::PromptBlock block;
    for (uint64_t i = 0; i < count; ++i) block.add_prompts()->add_later_turns();
    AddPrompts add{job, first, count, block.SerializeAsString()};
    add.later_turns.assign(count, 1);
    return add;
  };
  rig.must(chunk(0, 3));
  rig.must(chunk(0, 3));
  rig.must(chunk(1, 4));  // two of these are held already
  rig.must(CommitDraft{job, 5, 0});
  CHECK(rig->job(job)->counters().queries() == 5 * 2 * 2 * 2);  // prompts, turns, samples, teachers
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

}  // namespace harvest::store::test
