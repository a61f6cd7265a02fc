#include "service/flow/audit.h"

#include <catch2/catch.hpp>

#include "proto/text/ulid.h"
#include "tests/flow/harvest_rig.h"

using namespace harvest;
using flow::test::HarvestRig;
using flow::test::priced;

TEST_CASE("the bill holds what the jobs hold, by day and teacher", "[flow][audit]") {
  HarvestRig rig([](const auto&, int) { return flow::test::answer("a", 10, 20); }, {priced()});
  const v1::JobStatus job = rig.await(rig.submit(HarvestRig::job(), {"one", "two", "three"}), v1::FINISHED);
  flow::TeacherDirectory teachers;
  v1::Teacher known = priced();
  known.set_vendor("somebody");
  teachers.put(known);
  const flow::Audit audit(rig.store(), teachers);
  v1::GetBillRequest request;
  const auto bill = audit.bill(request);
  REQUIRE(bill.ok());
  REQUIRE(bill->lines_size() == 1);
  CHECK(bill->lines(0).teacher() == "t");
  CHECK(bill->lines(0).vendor() == "somebody");
  CHECK(bill->lines(0).model() == "m");
  CHECK(bill->lines(0).requests() == 3);
  CHECK(bill->lines(0).input_tokens() == 30);
  CHECK(bill->lines(0).output_tokens() == 60);
  CHECK(bill->lines(0).spent_usd() == "0.00009");
  CHECK(bill->spent_usd() == job.spent_usd());
  CHECK(bill->at_risk_usd() == "0.00");

  request.set_last_day("2020-01-01");
  CHECK(audit.bill(request)->lines().empty());
  request.set_first_day("2020-01-02");
  CHECK(audit.bill(request).status().message() ==
        "last_day: found 2020-01-01, expected 2020-01-02 (first_day) or a later day");
  request.set_first_day("soon");
  CHECK(audit.bill(request).status().message() == "first_day: found 'soon', expected a day like 2026-11-20");
}

TEST_CASE("a lost attempt is told with its job, its samples and its bound", "[flow][audit]") {
  HarvestRig rig([](const auto&, int) { return flow::test::answer("a"); }, {priced()});
  v1::Job job = HarvestRig::job();
  job.set_samples(3);
  const std::string id = rig.submit(job, {"one"});
  rig.await(id, v1::FINISHED);
  store::LostAttempt lost{.found_at_us = 7};
  lost.intent.set_id(std::string(16, '\1'));
  lost.intent.set_job_number(rig.store().find_job(id)->number());
  lost.intent.set_ordinal(1);
  lost.intent.set_choices(2);
  lost.intent.set_teacher("t");
  lost.intent.set_cost_max_picodollars(1'000'000);
  lost.intent.set_started_at_us(5);
  const flow::TeacherDirectory teachers;
  const v1::LostAttempt told = flow::Audit(rig.store(), teachers).tell(lost);
  CHECK(told.attempt_id().size() == text::kUlidTextBytes);
  CHECK(told.job_id() == id);
  CHECK(told.prompt() == 0);
  CHECK(told.sample() == 1);
  CHECK(told.samples() == 2);
  CHECK(told.cost_max_usd() == "0.000001");
  CHECK(told.started_at_us() == 5);
  CHECK(told.found_at_us() == 7);
}
