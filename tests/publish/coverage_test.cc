#include "service/publish/coverage.h"

#include <catch2/catch.hpp>

#include "tests/publish/publishing.h"

using namespace harvest;
using namespace harvest::publish;

TEST_CASE("coverage tells of every job that feeds the dataset and of no other", "[publish][coverage]") {
  std::vector<v1::JobRecord> jobs(4);
  for (size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].set_id("j_" + std::to_string(i));
    jobs[i].mutable_job()->set_dataset(i == 1 ? "others" : "maths");
    jobs[i].set_state(i == 2 ? v1::DRAFT : v1::RUNNING);
    jobs[i].mutable_counters()->set_queries(20);
  }
  v1::JobCounters& first = *jobs[0].mutable_counters();
  first.set_answered(9);
  first.set_refused(1);
  first.set_rejected(2);
  first.set_quarantined(1);
  first.set_cancelled(1);
  first.set_unasked(2);
  const auto coverage = coverage_of(jobs, "maths");
  REQUIRE(coverage.size() == 2);
  CHECK(coverage[0].job_id() == "j_0");
  CHECK(coverage[0].asked() == 20);
  CHECK(coverage[0].answered() == 9);
  CHECK(coverage[0].ended() == 7);
  CHECK(coverage[0].waiting() == 4);
  CHECK(coverage[0].stratum().empty());
  CHECK(coverage[1].job_id() == "j_3");
  CHECK(coverage[1].waiting() == 20);
}

TEST_CASE("a manifest says how much of its jobs was answered as the version was made", "[publish][coverage]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.count = 5});
  fixture.harvest({.dataset = "others", .count = 1});
  const auto first = publisher.publish("maths", {}, kNow);
  REQUIRE(first.ok());
  v1::Manifest manifest = verified(*first).manifest;
  REQUIRE(manifest.coverage_size() == 1);
  CHECK(manifest.coverage(0).asked() == 5);
  CHECK(manifest.coverage(0).answered() == 5);
  CHECK(manifest.coverage(0).waiting() == 0);
  fixture.harvest({.count = 2});
  const auto second = publisher.publish("maths", {}, kNow + kSecond);
  REQUIRE(second.ok());
  manifest = verified(*second).manifest;
  REQUIRE(manifest.coverage_size() == 2);
  CHECK(manifest.coverage(1).asked() == 2);
}
