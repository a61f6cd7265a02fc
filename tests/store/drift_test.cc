#include <catch2/catch.hpp>

#include "rig.h"

namespace harvest::store::test {
namespace {

v1::Teacher drifting(const std::string& model) {
  v1::Teacher teacher;
  teacher.set_name("t0");
  teacher.set_model(model);
  return teacher;
}

v1::DriftBook drift_book(uint32_t epochs) {
  v1::DriftBook book;
  for (uint32_t i = 1; i <= epochs; ++i) book.add_epochs()->set_number(i);
  book.add_identities()->set_model_reported("m");
  book.add_canaries()->set_prompt_hash(7);
  book.set_asked_at_us(5);
  return book;
}

}  // namespace

TEST_CASE("what tells of a teacher's changes is as it was put last, over a restart and over a crash", "[store]") {
  Rig rig;
  rig.open();
  CHECK(rig.fails(PutDrift{"nobody", drift_book(1)}).code() == absl::StatusCode::kNotFound);
  rig.must(PutTeacher{drifting("m")});
  CHECK(rig->drift("t0").epochs().empty());
  rig.must(PutDrift{"t0", drift_book(1)});
  rig.must(PutDrift{"t0", drift_book(2)});
  rig.must(PutTeacher{drifting("m")});  // as at every start
  SECTION("after a clean end") {
    rig.close();
  }
  SECTION("after a crash") {
    rig.crash();
  }
  rig.open();
  CHECK(rig->drift("t0").epochs_size() == 2);
  CHECK(rig->drift("t0").canaries_size() == 1);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("of a teacher that is another model now epochs are kept and what was seen of the old one is not", "[store]") {
  Rig rig;
  rig.open();
  rig.must(PutTeacher{drifting("m")});
  rig.must(PutDrift{"t0", drift_book(3)});
  rig.must(PutTeacher{drifting("m2")});
  const v1::DriftBook kept = rig->drift("t0");
  CHECK(kept.epochs_size() == 3);
  CHECK(kept.identities().empty());
  CHECK(kept.canaries().empty());
}

TEST_CASE("empty answers and duplicates are counted with what they settle", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(3);
  for (uint64_t i = 0; i < 3; ++i) {
    Settle settle = rig.settle(rig.asked(job, i));
    settle.samples.front().empty = i == 0;
    settle.samples.front().duplicate = i > 0;
    rig.must(std::move(settle));
  }
  CHECK(rig->job(job)->counters().empty() == 1);
  CHECK(rig->job(job)->counters().duplicates() == 2);
}

}  // namespace harvest::store::test
