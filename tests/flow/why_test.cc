// What jobs wait for, as the harvester counts it: on a real store, with a scripted teacher.
#include <catch2/catch.hpp>
#include <map>

#include "tests/flow/harvest_rig.h"

using namespace harvest;
using flow::test::answer;
using flow::test::HarvestRig;
using flow::test::numbered;
using flow::test::priced;

namespace {

/// 600 requests a minute, in windows of a second, from the beginning.
v1::Teacher ten_a_second(const std::string& name) {
  v1::Teacher teacher = HarvestRig::teacher(name);
  teacher.mutable_limits()->set_requests_per_minute(600);
  teacher.mutable_limits()->set_window_seconds(1);
  return teacher;
}

v1::Explanation why(HarvestRig& rig, const std::string& id) {
  auto explanation = rig.control().explain(id);
  REQUIRE(explanation.ok());
  return *std::move(explanation);
}

void await_at_least(HarvestRig& rig, const std::string& id, uint64_t answered) {
  rig.await_on_lane([&] { return rig.control().job(id)->record().counters().answered() >= answered; });
}

std::map<std::string, double> seconds_by_cause(const v1::Explanation& explanation) {
  std::map<std::string, double> seconds;
  for (const v1::Explanation::Cause& cause : explanation.causes()) seconds[cause.cause()] += cause.seconds();
  return seconds;
}

double sum(const v1::Explanation& explanation) {
  double all = 0;
  for (const v1::Explanation::Cause& cause : explanation.causes()) all += cause.seconds();
  return all;
}

}  // namespace

TEST_CASE("a job that requests bind says so, and its seconds come to its life", "[flow][why]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {ten_a_second("t")});
  const std::string id = rig.submit(HarvestRig::job(), numbered(30));
  await_at_least(rig, id, 15);
  const v1::Explanation running = why(rig, id);
  CHECK(running.causes(0).cause() == "requests");
  CHECK(sum(running) == Approx(running.seconds()).epsilon(0.1).margin(0.3));

  rig.await(id, v1::FINISHED);
  const v1::Explanation ended = why(rig, id);
  REQUIRE(ended.causes_size() > 0);
  CHECK(ended.causes(0).teacher() == "t");
  CHECK(ended.causes(0).cause() == "requests");
  CHECK(ended.causes(0).share() > 0.6);
  CHECK(sum(ended) == Approx(ended.seconds()).epsilon(0.1));
  REQUIRE_FALSE(ended.advice().empty());
  CHECK_THAT(ended.advice(0), Catch::Contains("requests bind at teacher t (600 a minute)"));
}

TEST_CASE("two jobs that share a teacher wait for its limit and for their turn alike", "[flow][why]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {ten_a_second("t")});
  const std::string first = rig.submit(HarvestRig::job(), numbered(20, "first"));
  const std::string second = rig.submit(HarvestRig::job(), numbered(20, "second"));
  await_at_least(rig, first, 12);
  const auto seconds = seconds_by_cause(why(rig, first));
  REQUIRE(seconds.contains("fairness"));
  CHECK(seconds.at("fairness") == Approx(seconds.at("requests")).epsilon(0.35));
  CHECK_THAT(why(rig, first).ShortDebugString(), Catch::Contains("1 other job shares teacher t"));
  rig.await(second, v1::FINISHED);
}

TEST_CASE("a job whose budget is spent waits for its budget until it is raised", "[flow][why]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {priced()});
  v1::Job job = HarvestRig::job();
  job.set_max_cost_usd("0.0005");
  const std::string id = rig.submit(job, numbered(200));
  rig.await(id, v1::PAUSED);
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  const v1::Explanation paused = why(rig, id);
  CHECK(paused.causes(0).cause() == "job_budget");
  CHECK(sum(paused) == Approx(paused.seconds()).epsilon(0.1).margin(0.05));
  REQUIRE_FALSE(paused.advice().empty());
  CHECK_THAT(paused.advice(0), Catch::Contains("`harvestctl jobs retune " + id + " --max-cost "));

  SECTION("also as told after a restart, which opens no paused job") {
    rig.restart({priced()});
    const v1::Explanation again = why(rig, id);
    CHECK(again.causes(0).cause() == "job_budget");
    CHECK(sum(again) == Approx(again.seconds()).epsilon(0.02));
  }
  SECTION("and the pause is kept when it goes on") {
    v1::RetuneJobRequest retune;
    retune.set_job_id(id);
    retune.set_max_cost_usd("1");
    REQUIRE(rig.control().retune_job(retune).ok());
    rig.await(id, v1::FINISHED);
    const v1::Explanation ended = why(rig, id);
    CHECK(seconds_by_cause(ended).at("job_budget") > 0.3);  // a pause of 0.6 s, to a tick
    CHECK(sum(ended) == Approx(ended.seconds()).epsilon(0.1).margin(0.05));
  }
}

TEST_CASE("what a job waited for outlives a crash, and the time without a service is idle", "[flow][why]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {ten_a_second("t")});
  const std::string id = rig.submit(HarvestRig::job(), numbered(30));
  await_at_least(rig, id, 12);
  rig.clock().ahead_us += 60'000'000;  // it was away for a minute
  rig.restart_after_crash({ten_a_second("t")});
  rig.await(id, v1::FINISHED);
  const v1::Explanation ended = why(rig, id);
  CHECK(ended.seconds() > 60);
  CHECK(ended.causes(0).cause() == "idle");
  CHECK(ended.causes(0).seconds() == Approx(60).margin(2));
  CHECK(seconds_by_cause(ended).at("requests") > 1);
  CHECK(sum(ended) == Approx(ended.seconds()).epsilon(0.02));
}

TEST_CASE("a paused teacher and a halted service are waited for by their own causes", "[flow][why]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {ten_a_second("t")});
  const std::string id = rig.submit(HarvestRig::job(), numbered(100));
  await_at_least(rig, id, 1);
  REQUIRE(rig.control().pause_teacher("t", "a quota talk").ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(800));
  REQUIRE(rig.control().resume_teacher("t").ok());
  REQUIRE(rig.control().halt("to be seen").ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(800));
  const auto seconds = seconds_by_cause(why(rig, id));
  CHECK(seconds.at("pause") == Approx(0.8).margin(0.35));
  CHECK(seconds.at("halt") == Approx(0.8).margin(0.35));
  REQUIRE(rig.control().cancel_job(id, "").ok());
}

TEST_CASE("a job at two teachers has a cause for each second at each", "[flow][why]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {ten_a_second("t"), ten_a_second("u")});
  const std::string id = rig.submit(HarvestRig::job({"t", "u"}), numbered(20));
  rig.await(id, v1::FINISHED);
  const v1::Explanation ended = why(rig, id);
  for (const char* name : {"t", "u"}) {
    double at = 0;
    for (const v1::Explanation::Cause& cause : ended.causes())
      if (cause.teacher() == name) at += cause.seconds();
    CHECK(at == Approx(ended.seconds()).epsilon(0.25));
  }
}

TEST_CASE("a ceiling is waited for at its teacher alone", "[flow][why]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {ten_a_second("t"), ten_a_second("u")});
  for (const char* held : {"t", "u"}) {  // whichever is asked first
    v1::Job job = HarvestRig::job({"t", "u"});
    v1::TeacherShare& share = *job.add_shares();
    share.set_teacher(held);
    share.mutable_ceiling()->set_requests_per_minute(60);
    const std::string id = rig.submit(job, numbered(12, std::string("held at ") + held));
    await_at_least(rig, id, 14);
    std::map<std::string, double> ceiling;
    const v1::Explanation running = why(rig, id);
    for (const v1::Explanation::Cause& cause : running.causes())
      if (cause.cause() == "job_ceiling") ceiling[cause.teacher()] = cause.seconds();
    REQUIRE(ceiling.contains(held));
    CHECK(ceiling.at(held) > 0.4 * running.seconds());
    CHECK(ceiling.size() == 1);
    REQUIRE(rig.control().cancel_job(id, "").ok());
  }
}

TEST_CASE("nobody can tell why of a job that does not exist", "[flow][why]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); });
  CHECK(rig.control().explain("j_none").status().code() == absl::StatusCode::kNotFound);
}
