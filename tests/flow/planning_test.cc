#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/flow/harvest_rig.h"

using namespace harvest;
using flow::test::answer;
using flow::test::error;
using flow::test::HarvestRig;

namespace {

const std::vector<std::string> kSample = {"question 0", "question 1", "question 2", "question 3"};
const flow::Caller kCaller{.principal = "tester"};
const std::string kDigest(64, 'a');

v1::Teacher dollar_teacher(const std::string& name = "t", const std::string& model = "m") {
  v1::Teacher teacher = HarvestRig::teacher(name, model);
  teacher.mutable_prices()->set_free(false);
  teacher.mutable_prices()->set_input_usd_per_mtok("1");
  teacher.mutable_prices()->set_output_usd_per_mtok("10");
  return teacher;
}

/// A hundred prompts, of which these are the sample.
v1::PlanJobRequest hundred(const v1::Job& job, const std::vector<std::string>& sample = kSample) {
  v1::PlanJobRequest request;
  *request.mutable_job() = job;
  auto& stratum = *request.add_strata();
  stratum.set_prompts(100);
  for (const std::string& text : sample) {
    v1::Message* message = stratum.add_sample()->add_messages();
    message->set_role("user");
    message->set_content(text);
  }
  for (const v1::Prompt& prompt : stratum.sample()) stratum.set_bytes(100 * prompt.ByteSizeLong());
  return request;
}

std::string run_pilot(HarvestRig& rig, std::vector<std::string> teachers = {"t"}) {
  v1::Job pilot = HarvestRig::job(std::move(teachers));
  pilot.set_dataset("pilots");
  const std::string id = rig.submit(pilot, kSample);
  rig.await(id, v1::FINISHED);
  return id;
}

v1::Plan planned(HarvestRig& rig, const v1::PlanJobRequest& request) {
  auto plan = rig.control().plan(request, kCaller);
  INFO(plan.status());
  REQUIRE(plan.ok());
  return *plan;
}

}  // namespace

TEST_CASE("a pilot's answers foretell the job, and the job does not pay for them again", "[flow][plan]") {
  HarvestRig rig([](const auto&, int) { return answer("a", 10, 20); }, {dollar_teacher()});
  v1::PlanJobRequest request = hundred(HarvestRig::job());
  CHECK(planned(rig, request).parts(0).basis() == "bounds");
  request.set_pilot_job_id(run_pilot(rig));
  const v1::Plan plan = planned(rig, request);
  REQUIRE(plan.parts_size() == 1);
  CHECK(plan.parts(0).basis() == "pilot");
  CHECK(plan.parts(0).pilot_answers() == 4);
  CHECK(plan.parts(0).queries() == 96);
  CHECK(plan.known_share() == 0);
  CHECK(plan.cost_usd().expected() == Approx(96 * (10 * 1e-6 + 20 * 10e-6)));
  CHECK(plan.pilot_cost_usd() == "0.00084");
  std::vector<std::string> all = kSample;
  for (int i = 4; i < 100; ++i) all.push_back("question " + std::to_string(i));
  const v1::JobCounters counters = rig.await(rig.submit(HarvestRig::job(), all), v1::FINISHED).record().counters();
  CHECK(counters.reused() == 4);
  CHECK(counters.spent_picodollars() / 1e12 == Approx(plan.cost_usd().expected()));
}

TEST_CASE("answers of before the pilot are known and not paid", "[flow][plan]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {dollar_teacher()});
  rig.await(rig.submit(HarvestRig::job(), {kSample[0], kSample[1]}), v1::FINISHED);
  v1::PlanJobRequest request = hundred(HarvestRig::job());
  request.set_pilot_job_id(run_pilot(rig));
  CHECK(planned(rig, request).known_share() == Approx(0.5));
  CHECK(planned(rig, request).parts(0).queries() == 48);
  request.mutable_job()->set_fresh(true);
  const v1::Plan fresh = planned(rig, request);
  CHECK(fresh.known_share() == 0);
  CHECK(fresh.parts(0).queries() == 100);
  CHECK(fresh.cost_usd().expected() == Approx(100 * 210e-6));
}

TEST_CASE("answers of a pilot that were cut off are measured too, and are asked again", "[flow][plan]") {
  HarvestRig rig(
      [](const auto&, int) {
        dialect::HttpExchange exchange = answer("text", 10, 100);
        exchange.body.replace(exchange.body.find("stop"), 4, "length");
        return exchange;
      },
      {dollar_teacher()});
  v1::PlanJobRequest request = hundred(HarvestRig::job());
  request.set_pilot_job_id(run_pilot(rig));
  const v1::Plan plan = planned(rig, request);
  CHECK(plan.parts(0).basis() == "pilot");
  CHECK(plan.parts(0).queries() == 100);
  CHECK(plan.parts(0).output_tokens().expected() == Approx(100 * 100));
}

TEST_CASE("a fallback is foretold what the first teacher gave no answer to", "[flow][plan]") {
  HarvestRig rig(
      [](const dialect::HttpRequest& request, int) {
        const bool bad =
            request.body.find("question 1") != std::string::npos && request.body.find("\"one\"") != std::string::npos;
        return bad ? error(400) : answer("a");
      },
      {dollar_teacher("first", "one"), dollar_teacher("second", "two")});
  v1::Job job = HarvestRig::job({"first", "second"});
  job.set_ask(v1::FALLBACK);
  v1::PlanJobRequest request = hundred(job);
  request.set_pilot_job_id(run_pilot(rig, {"first", "second"}));
  const v1::Plan plan = planned(rig, request);
  REQUIRE(plan.parts_size() == 2);
  CHECK(plan.parts(0).queries() == 97);
  CHECK(plan.parts(1).queries() == 24);
}

TEST_CASE("several samples cost their input once where they go in one request", "[flow][plan]") {
  v1::Teacher with_n = dollar_teacher();
  with_n.set_profile("openai");
  HarvestRig rig([](const auto&, int) { return answer("a", 10, 20); }, {with_n});
  v1::Job job = HarvestRig::job();
  job.set_samples(3);
  v1::PlanJobRequest request = hundred(job);
  request.set_pilot_job_id(run_pilot(rig));
  const v1::Plan plan = planned(rig, request);
  CHECK(plan.parts(0).queries() == 96 * 3 + 4 * 2);
  CHECK(plan.cost_usd().expected() == Approx(96 * (10e-6 + 3 * 200e-6) + 4 * (10e-6 + 2 * 200e-6)));
}

TEST_CASE("samples until one is accepted are foretold as if all were asked, one by one, and the plan says so",
          "[flow][plan][until]") {
  v1::Teacher with_n = dollar_teacher();
  with_n.set_profile("openai");
  HarvestRig rig([](const auto&, int) { return answer("a", 10, 20); }, {with_n});
  v1::Job job = HarvestRig::job();
  job.set_samples(3);
  job.set_until("labels has 'tests=pass'");
  v1::PlanJobRequest request = hundred(job);
  request.set_pilot_job_id(run_pilot(rig));
  const v1::Plan plan = planned(rig, request);
  CHECK(plan.parts(0).queries() == 96 * 3 + 4 * 2);
  CHECK(plan.cost_usd().expected() == Approx((96 * 3 + 4 * 2) * (10e-6 + 200e-6)));
  CHECK(std::any_of(plan.notes().begin(), plan.notes().end(), [](const std::string& note) {
    return note.find("until a sample is accepted: it is foretold as if all 3 were asked") != std::string::npos;
  }));
}

TEST_CASE("a plan that is kept goes with the job over the same prompts, and with no other", "[flow][plan]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {dollar_teacher()});
  v1::PlanJobRequest request = hundred(HarvestRig::job());
  request.set_prompts_sha256(kDigest);
  planned(rig, request);
  rig.prompts_sha256 = kDigest;
  const auto job_plan = [&](const v1::Job& job) {
    return rig.await(rig.submit(job, kSample), v1::FINISHED).record().plan();
  };
  CHECK(job_plan(HarvestRig::job()).id().empty());  // it was not to be kept
  request.set_keep(true);
  const v1::Plan kept = planned(rig, request);
  v1::Job named = HarvestRig::job();
  named.set_name("another name, and a cap");
  named.set_max_cost_usd("5");
  CHECK(job_plan(named).id() == kept.id());
  v1::Job longer = HarvestRig::job();
  longer.mutable_sampling()->set_max_output_tokens(99);
  CHECK(job_plan(longer).id().empty());
  rig.prompts_sha256 = std::string(64, 'b');
  CHECK(job_plan(HarvestRig::job()).id().empty());
  rig.prompts_sha256 = "none";
  CHECK(rig.try_submit(HarvestRig::job(), kSample).status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("what a submission would be refused for, a plan is", "[flow][plan]") {
  v1::Teacher unpriced = dollar_teacher("unpriced");
  unpriced.clear_prices();
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {dollar_teacher(), unpriced});
  const auto refused = [&](const v1::PlanJobRequest& request) {
    return rig.control().plan(request, kCaller).status().code();
  };
  CHECK(refused(hundred(HarvestRig::job({"nobody"}))) == absl::StatusCode::kNotFound);
  CHECK(refused(hundred(HarvestRig::job({"unpriced"}))) == absl::StatusCode::kFailedPrecondition);
  v1::Job evaluation = HarvestRig::job();
  evaluation.mutable_use()->set_purpose(v1::EVALUATION);
  CHECK(refused(hundred(evaluation)) == absl::StatusCode::kPermissionDenied);
  CHECK(refused(hundred(HarvestRig::job(), {})) == absl::StatusCode::kInvalidArgument);
  v1::PlanJobRequest request = hundred(HarvestRig::job());
  request.set_pilot_job_id("j_none");
  CHECK(refused(request) == absl::StatusCode::kNotFound);
  request = hundred(HarvestRig::job());
  request.mutable_strata(0)->set_prompts(2);
  CHECK(refused(request) == absl::StatusCode::kInvalidArgument);
  request = hundred(HarvestRig::job());
  request.set_keep(true);
  CHECK(refused(request) == absl::StatusCode::kInvalidArgument);  // no digest to be found by
  CHECK(rig.transport().requests().empty());
}
