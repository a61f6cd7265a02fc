#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>

#include "rig.h"

namespace harvest::store::test {

TEST_CASE("a query is reserved and settled and everything of it can be read", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(3);
  const v1::Intent intent = rig.asked(job, 0);
  CHECK(rig->job(job)->counters().attempts() == 1);
  CHECK(rig->job(job)->streams(0).cursor() == 1);
  CHECK(rig->teacher_day("t0", 19000).requests == 1);

  Settle settle = rig.settle(intent, "the raw bytes");
  const std::string record_id = settle.samples[0].pair.record_id();
  const Applied applied = rig.must(settle);
  CHECK(applied.number == 1);
  CHECK(applied.sequence == 0);
  CHECK(rig->answer(1)->raw() == "the raw bytes");
  const auto pairs = rig->pairs("d", 0, 10);
  REQUIRE(pairs.size() == 1);
  CHECK(pairs[0].pair.answer() == 1);
  CHECK(rig->find_pair(record_id)->pair.sequence == 0);
  const v1::JobCounters counters = rig->job(job)->counters();
  CHECK(counters.answered() == 1);
  CHECK(counters.spent_picodollars() == 700);
  CHECK(counters.output_tokens() == 20);
  CHECK(rig->teacher_day("t0", 19000).spent_picodollars == 700);
  CHECK(rig->teacher_day("t0", 19000).input_tokens == 10);
  CHECK(rig->teacher_day("t0", 19000).output_tokens == 20);
  CHECK(rig->dataset("d")->open_bytes() == 13);
  CHECK(rig->job(job)->state() == v1::RUNNING);

  const auto known = rig->find_answers("default", {rig.identity(intent), Identity{}});
  REQUIRE(known[0]);
  CHECK(known[0]->answer == 1);
  CHECK(known[0]->raw_bytes == 13);
  CHECK_FALSE(known[1]);
  CHECK_FALSE(rig->find_answers("another", {rig.identity(intent)})[0]);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("a pair whose constant fields come from a stamp is found by its id", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(2);
  Stamp stamp{.answer = "", .pair = "", .tenant = "default"};
  v1::Pair constant;
  constant.set_job_number(job);
  constant.set_tenant("default");
  constant.mutable_use()->set_purpose(v1::TRAINING);
  constant.SerializeToString(&stamp.pair);
  for (uint64_t ordinal : {0, 1}) {
    Settle settle = rig.settle(rig.asked(job, ordinal));
    settle.stamp = std::make_shared<const Stamp>(stamp);
    settle.samples[0].pair.clear_use();
    const std::string record_id = settle.samples[0].pair.record_id();
    rig.must(settle);
    const auto found = rig->find_pair(record_id);
    REQUIRE(found.ok());
    CHECK(found->pair.sequence == ordinal);
    CHECK(found->pair.pair.use().purpose() == v1::TRAINING);
  }
}

TEST_CASE("the last query that ends finishes its job whatever way it ends", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(4);
  rig.must(rig.settle(rig.asked(job, 0)));
  Settle refused = rig.settle(rig.asked(job, 1));
  refused.samples[0].pair.set_refused(true);
  rig.must(refused);
  rig.must(rig.end(rig.asked(job, 2)));
  CHECK(rig->job(job)->state() == v1::RUNNING);
  Reuse reuse{{job, 0, 3, std::nullopt}, "d", rig.settle(rig.intent(job, 0, 3)).samples[0].pair};
  reuse.pair.set_answer(1);
  reuse.pair.set_reused(true);
  reuse.raw_bytes = 9;
  reuse.saved_picodollars = 700;
  rig.must(reuse);
  const auto record = *rig->job(job);
  CHECK(record.state() == v1::FINISHED);
  CHECK(record.finished_at_us() == reuse.pair.stored_at_us());
  CHECK(record.counters().answered() == 2);
  CHECK(record.counters().refused() == 1);
  CHECK(record.counters().rejected() == 1);
  CHECK(record.counters().reused() == 1);
  CHECK(record.counters().saved_picodollars() == 700);
  CHECK(rig->endings(job, 0, 10).size() == 1);
  CHECK(rig->endings(job, 1, 10).empty());
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("postponed queries come back by due time and each leaves its row once", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(5);
  for (uint64_t i = 0; i < 3; ++i) rig.must(rig.postpone(rig.asked(job, i), 300 - static_cast<int64_t>(i) * 100));
  v1::Postponed parked;
  parked.set_ordinal(3);
  parked.set_due_at_us(200);
  parked.set_twin(true);
  rig.must(Park{{job, 0, 3, std::nullopt}, parked});
  CHECK(rig->next_due_us(job, 0) == 100);
  CHECK(rig->job(job)->streams(0).postponed() == 4);
  const auto due = rig->postponed(job, 0, 200, 10);
  REQUIRE(due.size() == 3);
  CHECK(due[0].ordinal() == 2);
  CHECK(due[1].ordinal() == 1);
  CHECK(due[2].ordinal() == 3);
  const auto after = rig->postponed(job, 0, 1000, 10, std::pair<int64_t, uint64_t>{200, 1});
  REQUIRE(after.size() == 2);
  CHECK(after[0].ordinal() == 3);
  CHECK(after[1].ordinal() == 0);

  v1::Intent again = rig.intent(job, 0, 2);
  again.set_attempt(2);
  rig.must(rig.reserve(again, 100));
  CHECK(rig->job(job)->counters().retries() == 1);
  CHECK(rig->job(job)->streams(0).postponed() == 3);
  CHECK(rig->job(job)->streams(0).cursor() == 4);
  rig.must(rig.settle(again));
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("negative due times come before positive ones", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(2);
  rig.must(rig.postpone(rig.asked(job, 0), 5));
  rig.must(rig.postpone(rig.asked(job, 1), -5));
  CHECK(rig->next_due_us(job, 0) == -5);
}

TEST_CASE("each teacher has a stream of its own and samples are counted within it", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t each = rig.job(2, 3, 2);
  CHECK(rig->job(each)->counters().queries() == 12);
  CHECK(rig->job(each)->streams_size() == 3);
  const uint64_t spread = rig.job(2, 3, 2, v1::SPREAD);
  CHECK(rig->job(spread)->counters().queries() == 4);
  REQUIRE(rig->job(spread)->streams_size() == 1);
  CHECK(rig->job(spread)->streams(0).teachers_size() == 3);
  rig.must(rig.settle(rig.asked(each, 0, 2)));
  CHECK(rig->job(each)->streams(0).cursor() == 0);
  CHECK(rig->job(each)->streams(2).cursor() == 1);
}

TEST_CASE("many changes pushed at once are answered in order and counted exactly", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(500);
  std::vector<v1::Intent> intents;
  for (uint64_t i = 0; i < 500; ++i) intents.push_back(rig.intent(job, 0, i));
  std::vector<uint64_t> order;
  std::atomic<size_t> done = 0;
  for (const v1::Intent& intent : intents) {
    rig->apply(rig.reserve(intent), [&, ordinal = intent.ordinal()](const absl::Status& status, const Applied&) {
      if (status.ok()) order.push_back(ordinal);
      ++done;
    });
  }
  rig.must(SetHalt{false, ""});
  REQUIRE(done == 500);
  REQUIRE(order.size() == 500);
  CHECK(std::is_sorted(order.begin(), order.end()));
  for (const v1::Intent& intent : intents) {
    rig->apply(rig.settle(intent),
               [&](const absl::Status&, const Applied& applied) { order.push_back(applied.number); });
  }
  rig.close();
  REQUIRE(order.size() == 1000);
  CHECK(order.back() == 500);
  CHECK(recount(rig.options) == kAgreement);
}

namespace {

v1::Intent group_of(Rig& rig, uint64_t job, uint64_t ordinal, uint32_t choices) {
  v1::Intent intent = rig.intent(job, 0, ordinal);
  intent.set_choices(choices);
  return intent;
}

}  // namespace

TEST_CASE("a group leaves by one intent and settles as a pair each", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(2, 1, 3);
  const v1::Intent intent = group_of(rig, job, 0, 3);
  rig.must(rig.reserve(intent));
  CHECK(rig->job(job)->counters().attempts() == 1);
  CHECK(rig->job(job)->streams(0).cursor() == 3);
  Settle settle = rig.settle(intent, "three of them");
  settle.samples[1].pair.set_refused(true);
  settle.samples[2].truncated = true;
  settle.samples[2].reusable = false;
  rig.must(settle);
  const auto pairs = rig->pairs("d", 0, 10);
  REQUIRE(pairs.size() == 3);
  for (uint32_t i = 0; i < 3; ++i) {
    CHECK(pairs[i].pair.answer() == 1);
    CHECK(pairs[i].pair.choice() == i);
    CHECK(pairs[i].pair.sample() == i);
  }
  const auto record = *rig->job(job);
  CHECK(record.counters().answered() == 2);
  CHECK(record.counters().refused() == 1);
  CHECK(record.counters().truncated() == 1);
  CHECK(record.counters().spent_picodollars() == 700);
  CHECK(rig->dataset("d")->open_bytes() == 13);
  const auto known = rig->find_answers(
      "default", {settle.samples[0].identity, settle.samples[1].identity, settle.samples[2].identity});
  REQUIRE(known[1]);
  CHECK(known[0]->choice == 0);
  CHECK(known[1]->choice == 1);
  CHECK_FALSE(known[2]);
  rig.must(rig.settle(rig.asked(job, 3)));
  rig.must(rig.reserve(group_of(rig, job, 4, 2)));
  CHECK(rig->job(job)->state() == v1::RUNNING);
  rig.must(rig.settle(group_of(rig, job, 4, 2)));
  CHECK(rig->job(job)->state() == v1::FINISHED);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("a group that is settled in part leaves the rest waiting", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(1, 1, 4);
  const v1::Intent intent = group_of(rig, job, 0, 4);
  rig.must(rig.reserve(intent));
  Settle settle = rig.settle(intent);
  settle.samples.resize(2);
  settle.rest.set_due_at_us(77);
  settle.rest.set_attempts(0);
  rig.must(settle);
  const auto waiting = rig->postponed(job, 0, 100, 10);
  REQUIRE(waiting.size() == 2);
  CHECK(waiting[0].ordinal() == 2);
  CHECK(waiting[1].ordinal() == 3);
  CHECK(rig->job(job)->streams(0).postponed() == 2);
  CHECK(rig->job(job)->counters().answered() == 2);

  v1::Intent again = group_of(rig, job, 2, 2);
  rig.must(rig.reserve(again, 77));
  CHECK(rig->job(job)->streams(0).postponed() == 0);
  rig.must(rig.settle(again));
  CHECK(rig->job(job)->state() == v1::FINISHED);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("a group is postponed or parked or ended as a row each", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(3, 1, 2);
  const v1::Intent first = group_of(rig, job, 0, 2);
  rig.must(rig.reserve(first));
  rig.must(rig.postpone(first, 50));
  v1::Postponed parked;
  parked.set_ordinal(2);
  parked.set_due_at_us(60);
  parked.set_twin(true);
  rig.must(Park{{job, 0, 2, std::nullopt, 2}, parked});
  const auto waiting = rig->postponed(job, 0, 100, 10);
  REQUIRE(waiting.size() == 4);
  for (uint64_t i = 0; i < 4; ++i) CHECK(waiting[i].ordinal() == i);
  CHECK(waiting[3].twin());

  const v1::Intent last = group_of(rig, job, 4, 2);
  rig.must(rig.reserve(last));
  rig.must(rig.end(last));
  End end;
  end.from = Place{job, 0, 0, 50, 2};
  end.ending.set_outcome("rejected");
  rig.must(end);
  const auto endings = rig->endings(job, 0, 10);
  REQUIRE(endings.size() == 4);
  for (uint32_t i = 0; i < 4; ++i) CHECK(endings[i].sample() == i % 2);
  CHECK(endings[3].ordinal() == 5);
  CHECK(rig->job(job)->counters().rejected() == 4);
  CHECK(rig.must(RequeueEndings{job, 90}).count == 4);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

}  // namespace harvest::store::test
