#include <catch2/catch.hpp>

#include "rig.h"

namespace harvest::store::test {

TEST_CASE("chunks of a draft may be sent again and may overlap but leave no gap", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.draft();
  CHECK(rig.add(job, 0, 700)->count == 700);
  CHECK(rig.add(job, 0, 700)->count == 700);
  CHECK(rig.add(job, 600, 300)->count == 900);
  CHECK(rig.add(job, 901, 1).status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(rig.fails(AddPrompts{job, 900, 3, prompt_block(900, 2)}).code() == absl::StatusCode::kInvalidArgument);
  CHECK(rig.fails(AddPrompts{job, 900, 1, "no block"}).code() == absl::StatusCode::kInvalidArgument);
  CHECK(rig.fails(CommitDraft{job, 899, 0}).code() == absl::StatusCode::kFailedPrecondition);
  rig.crash();
  rig.open();  // a draft of a crashed run stays, and goes on where it stood
  CHECK(rig->find_submission("s_1")->counters().prompts() == 900);
  rig.must(CommitDraft{job, 900, 7});
  rig.must(CommitDraft{job, 900, 7});
  CHECK(rig->job(job)->state() == v1::RUNNING);
  CHECK(rig->job(job)->counters().skipped_lines() == 7);
  CHECK(rig.add(job, 900, 1).status().code() == absl::StatusCode::kFailedPrecondition);
  const auto prompts = *rig->prompts(job, 0, 2000);
  REQUIRE(prompts.size() == 900);
  for (uint64_t i = 0; i < 900; ++i) REQUIRE(prompts[i].line() == i + 1);
  CHECK(rig->prompts(job, 899, 5)->size() == 1);
  CHECK(rig->prompts(job, 900, 5)->empty());
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("one submission is one job", "[store]") {
  Rig rig;
  rig.open();
  OpenDraft open;
  open.record.set_id("j_a");
  open.record.set_submission_id("same");
  const uint64_t number = rig.must(open).number;
  open.record.set_id("j_b");
  CHECK(rig.must(open).number == number);
  CHECK(rig->find_job("j_a")->number() == number);
  CHECK(rig->find_job("j_b").status().code() == absl::StatusCode::kNotFound);
  rig.must(DiscardDraft{number});
  CHECK(rig->find_submission("same").status().code() == absl::StatusCode::kNotFound);
  CHECK(rig->jobs().empty());
  CHECK(rig.must(open).number == number + 1);
}

TEST_CASE("an empty job is finished at once", "[store]") {
  Rig rig;
  rig.open();
  CHECK(rig->job(rig.job(0))->state() == v1::FINISHED);
}

TEST_CASE("a cancelled job counts what it left out and what still arrives", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(5);
  rig.must(rig.settle(rig.asked(job, 0)));
  const v1::Intent in_flight = rig.asked(job, 1);
  rig.must(SetJobState{job, v1::CANCELLED, "by hand", 77});
  CHECK(rig->job(job)->counters().cancelled() == 4);
  CHECK(rig->job(job)->finished_at_us() == 77);
  rig.must(rig.settle(in_flight));
  CHECK(rig->job(job)->counters().cancelled() == 3);
  CHECK(rig->job(job)->state() == v1::CANCELLED);
  CHECK(rig.fails(RequeueEndings{job, 1}).code() == absl::StatusCode::kFailedPrecondition);
  v1::Job spec = rig->job(job)->job();
  spec.set_max_cost_usd("5");
  rig.must(SetJobSpec{job, spec});
  spec.set_samples(9);
  CHECK(rig.fails(SetJobSpec{job, spec}).code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("thousands of endings are queued again and counted exactly", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(2500);
  for (uint64_t i = 0; i < 2500; ++i) {
    End end = rig.end(rig.intent(job, 0, i));
    end.intent.reset();
    end.from = Place{job, 0, i, std::nullopt};
    end.quarantined = i % 10 == 0;
    rig->apply(std::move(end), [](const auto&, const auto&) {});
  }
  CHECK(rig.must(RequeueEndings{job, 9}).count == 2500);
  CHECK(rig->job(job)->state() == v1::RUNNING);
  CHECK(rig->job(job)->streams(0).postponed() == 2500);
  CHECK(rig->job(job)->counters().rejected() == 0);
  CHECK(rig->job(job)->counters().quarantined() == 0);
  CHECK(rig->endings(job, 0, 1).empty());
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("rights that changed get the next version and others keep theirs", "[store]") {
  Rig rig;
  rig.open();
  PutTeacher put;
  put.teacher.set_name("t");
  put.teacher.mutable_rights()->set_licence("A");
  CHECK(rig.must(put).number == 1);
  put.teacher.set_model("another");
  put.teacher.mutable_rights()->set_version(99);
  CHECK(rig.must(put).number == 1);
  put.teacher.mutable_rights()->set_licence("B");
  CHECK(rig.must(put).number == 2);
  rig.must(SetTeacherState{"t", true, "cut off", std::nullopt});
  rig.must(SetTeacherState{"t", std::nullopt, "", true, "looking at answers"});  // leaves the halt alone
  CHECK(rig.must(put).number == 2);
  CHECK(rig.fails(SetTeacherState{"x", true, "", true}).code() == absl::StatusCode::kNotFound);
  rig.must(SetHalt{true, "for now"});
  rig.close();
  rig.open();
  const auto teachers = rig->teachers();
  REQUIRE(teachers.size() == 1);
  CHECK(teachers[0].teacher.rights().version() == 2);
  CHECK(teachers[0].halt_reason == "cut off");
  CHECK(teachers[0].paused);
  CHECK(rig->halted());
  CHECK(rig->halt_reason() == "for now");
}

TEST_CASE("segments close in order and a version lists what was cut", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(10);
  for (uint64_t i = 0; i < 3; ++i) rig.must(rig.settle(rig.asked(job, i)));
  CHECK(rig->dataset("d")->open_since_us() > 0);
  CHECK(rig.must(CloseSegment{"d", "size", 5}).number == 1);
  CHECK(rig.must(CloseSegment{"d", "size", 6}).number == 0);
  CHECK(rig->dataset("d")->open_bytes() == 0);
  CHECK(rig->dataset("d")->open_since_us() == 0);
  rig.must(rig.settle(rig.asked(job, 3)));
  CHECK(rig.must(CloseSegment{"d", "age", 7}).number == 2);
  auto segments = rig->segments("d", 2);
  REQUIRE(segments.size() == 1);
  CHECK(segments[0].first() == 3);
  CHECK(segments[0].end() == 4);
  v1::View view;
  view.set_name("plain");
  view.set_format("jsonl");
  CHECK(rig.must(AddView{"d", view}).number == 1);
  CHECK(rig.must(AddView{"d", view}).number == 1);  // nothing of it is published
  view.set_name("late");
  CHECK(rig.must(AddView{"d", view}).number == 2);
  v1::Cut first, second;
  first.set_segment(1);
  second.set_segment(2);
  second.add_shards()->set_path("a shard");
  PublishVersion publish{"d", "plain", {first, second}, 2, "bytes"};
  CHECK(rig.fails(publish).code() == absl::StatusCode::kFailedPrecondition);
  publish.version = 1;
  publish.cuts = {second};  // leaves one out
  CHECK(rig.fails(publish).code() == absl::StatusCode::kFailedPrecondition);
  publish.cuts = {first, second};
  rig.must(publish);
  rig.must(PublishVersion{"d", "late", {first}, 1, "other bytes"});
  CHECK(rig.fails(AddView{"d", view}).code() == absl::StatusCode::kFailedPrecondition);
  rig.crash();
  rig.open();
  CHECK(*rig->manifest("d", "plain", 1) == "bytes");
  CHECK(*rig->manifest("d", "late", 1) == "other bytes");
  CHECK(rig->manifest("d", "plain", 2).status().code() == absl::StatusCode::kNotFound);
  CHECK(rig->manifest("d", "none", 1).status().code() == absl::StatusCode::kNotFound);
  const auto dataset = rig->dataset("d");
  CHECK(view_of(*dataset, "plain")->cut() == 2);
  CHECK(view_of(*dataset, "late")->cut() == 1);
  CHECK(view_of(*dataset, "plain")->view().format() == "jsonl");
  CHECK(rig->segments("d", 1).size() == 2);
  CHECK(rig->cuts("d", "plain").at(1).shards(0).path() == "a shard");
  CHECK(rig->cuts("d", "late").size() == 1);
}

TEST_CASE("a rewrite stands beside what it replaces and moves no cursor", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(10);
  std::vector<v1::Cut> cuts(2);
  for (uint64_t i = 0; i < 2; ++i) {
    rig.must(rig.settle(rig.asked(job, i)));
    rig.must(CloseSegment{"d", "command", 5});
    cuts[i].set_segment(i + 1);
    cuts[i].add_shards()->set_path("shard " + std::to_string(i));
  }
  v1::View view;
  view.set_name("plain");
  rig.must(AddView{"d", view});
  v1::Cut merged;
  merged.set_segment(2);
  merged.add_shards()->set_path("both");
  CHECK(rig.fails(PublishVersion{"d", "plain", {merged}, 1, "none before"}).code() ==
        absl::StatusCode::kFailedPrecondition);
  rig.must(PublishVersion{"d", "plain", cuts, 1, "bytes"});
  CHECK(rig.fails(PublishVersion{"d", "plain", {merged}, 1, "again"}).code() == absl::StatusCode::kFailedPrecondition);
  rig.must(PublishVersion{"d", "plain", {merged}, 2, "merged bytes"});
  rig.crash();
  rig.open();
  const v1::ViewRecord stored = *view_of(*rig->dataset("d"), "plain");
  CHECK(stored.version() == 2);
  CHECK(stored.major() == 1);
  CHECK(stored.cut() == 2);
  std::vector<std::string> paths;
  for (const v1::Cut& cut : rig->cuts("d", "plain")) paths.push_back(cut.shards(0).path());
  CHECK(paths == std::vector<std::string>{"shard 0", "shard 1", "both"});
  // And the next segment is cut as ever.
  rig.must(rig.settle(rig.asked(job, 2)));
  rig.must(CloseSegment{"d", "command", 6});
  v1::Cut third;
  third.set_segment(3);
  rig.must(PublishVersion{"d", "plain", {third}, 3, "grown"});
  CHECK(view_of(*rig->dataset("d"), "plain")->major() == 1);
}

TEST_CASE("a tenant never sees the answer of another", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(2);
  const v1::Intent intent = rig.asked(job, 0);
  rig.must(rig.settle(intent));
  rig.tenant = "other";
  CHECK_FALSE(rig->find_answers("other", {rig.identity(intent)})[0]);
  const uint64_t theirs = rig.job(1);
  const v1::Intent same = rig.asked(theirs, 0);
  Settle settle = rig.settle(same);
  settle.samples[0].identity = rig.identity(intent);
  rig.must(settle);
  CHECK(rig->find_answers("default", {rig.identity(intent)})[0]->answer == 1);
  CHECK(rig->find_answers("other", {rig.identity(intent)})[0]->answer == 2);
}

TEST_CASE("a pair is found by its id also where ids arrived out of order", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(300);
  std::vector<std::string> ids;
  const int64_t start = rig.now_us;
  for (uint64_t i = 0; i < 300; ++i) {
    // A second apart, up to five seconds out of order, and one that came an hour late.
    rig.now_us = start + static_cast<int64_t>(i) * 1'000'000 - static_cast<int64_t>(i * 7 % 5) * 1'000'000;
    if (i == 250) rig.now_us = start - 3'600'000'000;
    Settle settle = rig.settle(rig.asked(job, i), "x", i % 3 == 0 ? "other" : "d");
    ids.push_back(settle.samples[0].pair.record_id());
    rig.must(settle);
  }
  for (uint64_t i = 0; i < 300; ++i) {
    CAPTURE(i);
    const auto found = rig->find_pair(ids[i]);
    REQUIRE(found.ok());
    CHECK(found->pair.pair.prompt() == i);
  }
  CHECK(rig->find_pair(rig.record_id()).status().code() == absl::StatusCode::kNotFound);
  CHECK(rig->find_pair("nonsense").status().code() == absl::StatusCode::kInvalidArgument);
}

}  // namespace harvest::store::test
