#include <catch2/catch.hpp>

#include "rig.h"

namespace harvest::store::test {
namespace {

v1::WaitBook waited(const std::string& cause, int64_t us) {
  v1::WaitBook book;
  v1::Wait* wait = book.add_waits();
  wait->set_teacher("t0");
  wait->set_cause(cause);
  wait->set_us(us);
  return book;
}

}  // namespace

TEST_CASE("what a job waited for is as it was noted last, over a restart and over a crash", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(2);
  const uint64_t other = rig.job(1);
  CHECK(rig->waits(job).waits().empty());
  rig.must(PutWaits{job, waited("requests", 1'000'000)});
  rig.must(PutWaits{job, waited("requests", 2'500'000)});
  const auto as_noted = [&] {
    REQUIRE(rig->waits(job).waits_size() == 1);
    CHECK(rig->waits(job).waits(0).teacher() == "t0");
    CHECK(rig->waits(job).waits(0).cause() == "requests");
    CHECK(rig->waits(job).waits(0).us() == 2'500'000);
    CHECK(rig->waits(other).waits().empty());
  };
  as_noted();
  SECTION("after a clean end") {
    rig.close();
  }
  SECTION("after a crash") {
    rig.crash();
  }
  rig.open();
  as_noted();
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("what a job waited for is kept when it has ended and goes with a draft that is discarded", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(1);
  rig.must(rig.settle(rig.asked(job, 0)));
  REQUIRE(rig->job(job)->state() == v1::FINISHED);
  rig.must(PutWaits{job, waited("teacher", 1)});
  const uint64_t draft = rig.draft();
  rig.must(PutWaits{draft, waited("submission", 1)});
  rig.must(DiscardDraft{draft});
  CHECK(rig.fails(PutWaits{draft, waited("submission", 2)}).code() == absl::StatusCode::kNotFound);
  rig.close();
  rig.open();
  CHECK(rig->waits(job).waits_size() == 1);
  CHECK(rig->waits(draft).waits().empty());
}

}  // namespace harvest::store::test
