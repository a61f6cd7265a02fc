#include <catch2/catch.hpp>
#include <functional>

#include "rig.h"

namespace harvest::store::test {
namespace {

/// Prompts `first` to `first` + `count` with their answers, of the import that every case has.
ImportPairs chunk(Rig& rig, uint64_t first, uint64_t count) {
  ImportPairs change;
  change.record.set_id("j_import" + std::to_string(first));
  change.record.set_tenant(rig.tenant);
  change.record.set_submission_id("import-1");
  change.record.set_created_at_us(rig.now_us);
  change.record.mutable_job()->set_dataset("d");
  change.record.mutable_job()->add_teachers("import:m");
  change.first = first;
  change.block = prompt_block(first, count);
  for (uint64_t i = first; i < first + count; ++i) {
    ImportPairs::Made& made = change.made.emplace_back();
    made.answer.set_raw("answer " + std::to_string(i));
    made.answer.set_tenant(rig.tenant);
    made.pair.set_record_id(rig.record_id());
    made.pair.set_teacher("import:m");
    made.pair.set_prompt(i);
    made.pair.set_imported(true);
    made.pair.set_tenant(rig.tenant);
    made.pair.set_stored_at_us(rig.now_us);
  }
  return change;
}

}  // namespace

TEST_CASE("imported pairs are pairs of a job that is finished as it stands", "[store]") {
  Rig rig;
  rig.open();
  const Applied applied = rig.must(chunk(rig, 0, 3));
  CHECK(applied.count == 0);
  const v1::JobRecord job = rig->job(applied.number).value();
  CHECK(job.state() == v1::FINISHED);
  CHECK(job.counters().answered() == 3);
  CHECK(job.counters().queries() == 3);
  CHECK(job.counters().spent_picodollars() == 0);
  CHECK(rig->dataset("d")->pairs() == 3);
  CHECK(rig->prompts(applied.number, 2, 1)->size() == 1);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("a chunk that is held already changes nothing and one that reaches past it adds the rest", "[store]") {
  Rig rig;
  rig.open();
  rig.must(chunk(rig, 0, 3));
  CHECK(rig.must(chunk(rig, 0, 3)).count == 3);
  rig.crash();
  rig.open();
  const Applied more = rig.must(chunk(rig, 2, 3));
  CHECK(more.count == 1);
  CHECK(more.sequence == 3);
  CHECK(rig->dataset("d")->pairs() == 5);
  CHECK(rig->jobs().size() == 1);
  CHECK(rig->prompts(more.number, 4, 1)->size() == 1);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("a chunk behind a gap is refused and changes nothing", "[store]") {
  Rig rig;
  rig.open();
  CHECK(rig.fails(chunk(rig, 1, 1)).code() == absl::StatusCode::kFailedPrecondition);
  CHECK(rig->jobs().empty());
  rig.must(chunk(rig, 0, 1));
  CHECK(rig.fails(chunk(rig, 2, 1)).code() == absl::StatusCode::kFailedPrecondition);
  CHECK(rig->dataset("d")->pairs() == 1);
}

TEST_CASE("a job that asks takes no imported pairs", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(1);
  ImportPairs change = chunk(rig, 0, 2);
  change.record.set_submission_id(rig->job(job)->submission_id());
  CHECK(rig.fails(change).code() == absl::StatusCode::kAlreadyExists);
}

TEST_CASE("one import is of one tenant, one dataset and one statement of rights, whoever comes first", "[store]") {
  Rig rig;
  rig.open();
  rig.must(chunk(rig, 0, 2));
  const auto refused = [&](const std::function<void(ImportPairs&)>& change) {
    ImportPairs next = chunk(rig, 2, 1);
    change(next);
    return rig->apply_and_wait(std::move(next)).status().code();
  };
  CHECK(refused([](ImportPairs& next) {
          next.record.add_pinned_teachers()->mutable_rights()->add_permits(v1::TRAINING);
        }) == absl::StatusCode::kAlreadyExists);
  CHECK(refused([](ImportPairs& next) { next.record.mutable_job()->mutable_use()->set_purpose(v1::EVALUATION); }) ==
        absl::StatusCode::kAlreadyExists);
  CHECK(refused([](ImportPairs& next) { next.record.set_tenant("other"); }) == absl::StatusCode::kAlreadyExists);
  CHECK(refused([](ImportPairs& next) {
          next.record.set_tenant("other");
          next.record.set_submission_id("import-2");
          next.first = 0;
          next.block = prompt_block(0, 1);
        }) == absl::StatusCode::kPermissionDenied);
  CHECK(refused([](ImportPairs&) {}) == absl::StatusCode::kOk);
}

}  // namespace harvest::store::test
