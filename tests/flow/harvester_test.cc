#include "service/flow/harvester.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "tests/flow/harvest_rig.h"

using namespace harvest;
using flow::test::answer;
using flow::test::error;
using flow::test::HarvestRig;
using flow::test::numbered;
using flow::test::priced;

TEST_CASE("every prompt becomes exactly one pair with its stamps", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("yes"); });
  const std::string id = rig.submit(HarvestRig::job(), numbered(500));
  const v1::JobStatus status = rig.await(id, v1::FINISHED);
  CHECK(status.record().counters().answered() == 500);
  CHECK(status.record().counters().attempts() == 500);
  std::set<uint64_t> prompts;
  for (const v1::Pair& pair : rig.pairs()) {
    prompts.insert(pair.prompt());
    CHECK(pair.tenant() == "default");
    CHECK(pair.principal() == "tester");
    CHECK(pair.use().purpose() == v1::TRAINING);
    CHECK(pair.salt().size() == 32);
    CHECK(pair.commit().size() == 32);
  }
  CHECK(prompts.size() == 500);
}

TEST_CASE("identical queries in flight share one attempt", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("same"); });
  const std::string id = rig.submit(HarvestRig::job(), std::vector<std::string>(20, "the same question"));
  const v1::JobStatus status = rig.await(id, v1::FINISHED);
  CHECK(status.record().counters().attempts() == 1);
  CHECK(status.record().counters().answered() == 20);
  CHECK(status.record().counters().reused() == 19);
  CHECK(rig.pairs().size() == 20);
}

TEST_CASE("samples are distinct and what is known is not asked again", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); });
  v1::Job job = HarvestRig::job();
  job.set_samples(3);
  rig.await(rig.submit(job, numbered(10)), v1::FINISHED);
  CHECK(rig.transport().requests().size() == 30);

  job.set_dataset("second");
  const v1::JobStatus again = rig.await(rig.submit(job, numbered(10)), v1::FINISHED);
  CHECK(rig.transport().requests().size() == 30);
  CHECK(again.record().counters().reused() == 30);
  CHECK(rig.pairs("second").size() == 30);

  job.set_fresh(true);
  rig.await(rig.submit(job, numbered(10)), v1::FINISHED);
  CHECK(rig.transport().requests().size() == 60);
}

TEST_CASE("a query is asked again after a fault and named when it is rejected", "[flow][harvester]") {
  HarvestRig rig([](const dialect::HttpRequest& request, int asked) {
    if (request.body.find("question 3") != std::string::npos) return error(400, "bad");
    if (request.body.find("question 5") != std::string::npos && asked == 0) return error(503);
    return answer("a");
  });
  const std::string id = rig.submit(HarvestRig::job(), numbered(8));
  const v1::JobStatus status = rig.await(id, v1::FINISHED);
  CHECK(status.record().counters().answered() == 7);
  CHECK(status.record().counters().rejected() == 1);
  CHECK(status.record().counters().attempts() == 9);
  const std::vector<v1::Ending> endings = rig.endings(id);
  REQUIRE(endings.size() == 1);
  CHECK(endings[0].prompt() == 3);
  CHECK(endings[0].line() == 4);
  CHECK(endings[0].outcome() == "rejected");

  SECTION("and is asked again by retry") {
    REQUIRE(rig.control().retry_job(id).ok());
    rig.await(id, v1::FINISHED);
    CHECK(rig.endings(id).size() == 1);
    CHECK(rig.transport().requests().size() == 10);
  }
}

TEST_CASE("a refusal is a stored answer", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) {
    dialect::HttpExchange exchange = answer("I cannot");
    exchange.body.replace(exchange.body.find("\"stop\""), 6, "\"content_filter\"");
    return exchange;
  });
  const v1::JobStatus status = rig.await(rig.submit(HarvestRig::job(), numbered(2)), v1::FINISHED);
  CHECK(status.record().counters().refused() == 2);
  for (const v1::Pair& pair : rig.pairs()) CHECK(pair.refused());
}

TEST_CASE("a wrong key halts the teacher and pauses the job until it is resumed", "[flow][harvester]") {
  std::atomic<bool> key_is_right{false};
  HarvestRig rig([&](const auto&, int) { return key_is_right ? answer("a") : error(401, "invalid_api_key"); });
  const std::string id = rig.submit(HarvestRig::job(), numbered(50));
  const v1::JobStatus paused = rig.await(id, v1::PAUSED);
  CHECK(paused.record().reason().find("halted") != std::string::npos);
  CHECK(paused.record().counters().answered() == 0);
  CHECK(rig.endings(id).empty());  // nothing is lost: every query waits

  key_is_right = true;
  REQUIRE(rig.control().resume_teacher("t").ok());
  REQUIRE(rig.control().resume_job(id).ok());
  CHECK(rig.await(id, v1::FINISHED).record().counters().answered() == 50);
}

TEST_CASE("a pause leaves the halt of its teacher alone and keeps its reason", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return error(401, "invalid_api_key"); });
  rig.await(rig.submit(HarvestRig::job(), numbered(5)), v1::PAUSED);
  const auto paused = rig.control().pause_teacher("t", "a quota talk");
  REQUIRE(paused.ok());
  CHECK(paused->halted());
  CHECK(paused->halt_reason().find("invalid_api_key") != std::string::npos);
  CHECK(paused->pause_reason() == "a quota talk");
  const auto resumed = rig.control().resume_teacher("t");
  CHECK_FALSE(resumed->halted());
  CHECK_FALSE(resumed->paused());
}

TEST_CASE("an urgent job gets four fifths beside others, however many these are", "[flow][harvester]") {
  v1::Teacher teacher = HarvestRig::teacher("t");
  teacher.mutable_limits()->set_concurrency(1);
  HarvestRig rig([](const auto&, int) { return answer("a", 10, 50); }, {teacher});
  REQUIRE(rig.control().halt("until all are there").ok());
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    v1::Job job = HarvestRig::job();
    job.set_fresh(true);
    if (i == 2) job.set_priority(v1::HIGH);
    ids.push_back(rig.submit(job, numbered(200)));
  }
  const uint64_t urgent = rig.control().job(ids[2])->record().number();
  REQUIRE(rig.control().lift_halt().ok());
  for (const std::string& id : ids) rig.await(id, v1::FINISHED);
  // Windows are still being read at first; after some 250 the urgent job has nothing left.
  const std::vector<v1::Pair> pairs = rig.pairs();
  const auto its = std::count_if(pairs.begin() + 50, pairs.begin() + 200,
                                 [&](const v1::Pair& pair) { return pair.job_number() == urgent; });
  CHECK(its >= 110);
  CHECK(its <= 130);
}

TEST_CASE("what has ended is not retuned", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); });
  v1::RetuneJobRequest retune;
  retune.set_job_id(rig.submit(HarvestRig::job(), {"one"}));
  retune.set_max_cost_usd("1");
  rig.await(retune.job_id(), v1::FINISHED);
  const auto refused = rig.control().retune_job(retune);
  CHECK(refused.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(refused.status().message().find("is finished and cannot be retuned") != std::string::npos);
}

TEST_CASE("a job that waits for a dead teacher says which endpoint fails and how", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return dialect::HttpExchange{.error = dialect::WireError::kNotConnected}; });
  const std::string id = rig.submit(HarvestRig::job(), numbered(20));
  std::string reason;
  rig.await_on_lane([&] { return !(reason = rig.control().job(id)->backoff_reason()).empty(); });
  CHECK(reason.rfind("teacher t at http", 0) == 0);
  CHECK_FALSE(rig.control().teachers().at(0).endpoints(0).last_error().empty());
}

TEST_CASE("a job stops at its cap and goes on with a larger one", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("a", 10, 50); }, {priced()});
  v1::Job job = HarvestRig::job();
  job.set_max_cost_usd("0.003");
  const std::string id = rig.submit(job, numbered(100));
  const v1::JobStatus paused = rig.await(id, v1::PAUSED);
  CHECK(paused.record().reason().rfind("budget", 0) == 0);
  const v1::JobCounters& counters = paused.record().counters();
  CHECK(counters.spent_picodollars() <= 3'000'000'000);
  CHECK(counters.answered() >= 40);  // 60 microdollars each, reserved at the bound of some 120

  v1::RetuneJobRequest retune;
  retune.set_job_id(id);
  retune.set_max_cost_usd("1");
  REQUIRE(rig.control().retune_job(retune).ok());
  REQUIRE(rig.control().resume_job(id).ok());
  CHECK(rig.await(id, v1::FINISHED).record().counters().answered() == 100);
}

TEST_CASE("a cap below what is spent already is refused, and changes nothing", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("a", 10, 50); }, {priced()});
  v1::Job job = HarvestRig::job();
  job.set_max_cost_usd("0.003");
  const std::string id = rig.submit(job, numbered(100));
  rig.await(id, v1::PAUSED);
  v1::RetuneJobRequest retune;
  retune.set_job_id(id);
  for (const std::string cap : {"0.0001", "-1", "1e3", "much"}) {
    retune.set_max_cost_usd(cap);
    const auto refused = rig.control().retune_job(retune);
    CHECK(refused.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(refused.status().message().find("max_cost_usd: ") == 0);
  }
  const v1::JobStatus status = *rig.control().job(id);
  CHECK(status.max_cost_usd() == "0.003");
  CHECK(status.record().state() == v1::PAUSED);
}

TEST_CASE("an attempt that may have been billed stays booked as at risk", "[flow][harvester]") {
  HarvestRig rig(
      [](const auto&, int asked) {
        dialect::HttpExchange cut{.error = dialect::WireError::kReset, .sent = true};
        return asked == 0 ? cut : answer("a");
      },
      {priced()});
  const v1::JobStatus status = rig.await(rig.submit(HarvestRig::job(), {"one"}), v1::FINISHED);
  CHECK(status.record().counters().at_risk_picodollars() > 0);
  CHECK(status.record().counters().answered() == 1);
}

TEST_CASE("limits are kept: never more in flight than the teacher grants", "[flow][harvester]") {
  v1::Teacher narrow = HarvestRig::teacher("t");
  narrow.mutable_limits()->set_concurrency(3);
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {narrow});
  rig.await(rig.submit(HarvestRig::job(), numbered(200)), v1::FINISHED);
  CHECK(rig.transport().in_flight_max() == 3);
}

TEST_CASE("every teacher is told the cap that is reserved for it, also where nobody stated one", "[flow][harvester]") {
  v1::Teacher brief = HarvestRig::teacher("a", "m1");
  brief.set_default_max_output_tokens(77);
  v1::Teacher wordy = HarvestRig::teacher("b", "m2");
  wordy.set_default_max_output_tokens(1500);
  HarvestRig rig([](const dialect::HttpRequest& request,
                    int) { return request.body.find("\"m1\"") != std::string::npos ? error(400, "bad") : answer("a"); },
                 {brief, wordy});
  v1::Job job = HarvestRig::job({"a", "b"});
  job.mutable_sampling()->clear_max_output_tokens();
  job.set_ask(v1::FALLBACK);
  rig.await(rig.submit(job, numbered(1)), v1::FINISHED);
  REQUIRE(rig.transport().requests().size() == 2);
  CHECK(rig.transport().requests()[0].body.find("tokens\":77") != std::string::npos);
  CHECK(rig.transport().requests()[1].body.find("tokens\":1500") != std::string::npos);

  SECTION("and what was answered under it is known to a query that states it") {
    job.mutable_sampling()->set_max_output_tokens(1500);
    job.clear_teachers();
    job.add_teachers("b");
    CHECK(rig.await(rig.submit(job, numbered(1)), v1::FINISHED).record().counters().reused() == 1);
  }
}

TEST_CASE("each asks every teacher and spread asks one of them", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); },
                 {HarvestRig::teacher("a", "m1"), HarvestRig::teacher("b", "m2")});
  v1::Job job = HarvestRig::job({"a", "b"});
  CHECK(rig.await(rig.submit(job, numbered(30)), v1::FINISHED).record().counters().answered() == 60);
  job.set_ask(v1::SPREAD);
  job.set_fresh(true);
  CHECK(rig.await(rig.submit(job, numbered(30)), v1::FINISHED).record().counters().answered() == 30);
}

TEST_CASE("fallback goes to the next teacher where one gives no answer", "[flow][harvester]") {
  HarvestRig rig([](const dialect::HttpRequest& request,
                    int) { return request.body.find("\"m1\"") != std::string::npos ? error(400, "bad") : answer("a"); },
                 {HarvestRig::teacher("a", "m1"), HarvestRig::teacher("b", "m2")});
  v1::Job job = HarvestRig::job({"a", "b"});
  job.set_ask(v1::FALLBACK);
  const v1::JobStatus status = rig.await(rig.submit(job, numbered(10)), v1::FINISHED);
  CHECK(status.record().counters().answered() == 10);
  for (const v1::Pair& pair : rig.pairs()) CHECK(pair.teacher() == "b");
}

TEST_CASE("pause stops asking and resume goes on; cancel ends for good", "[flow][harvester]") {
  v1::Teacher narrow = HarvestRig::teacher("t");
  narrow.mutable_limits()->set_concurrency(2);
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {narrow});
  rig.on_lane([&] { rig.transport().hold = true; });
  const std::string id = rig.submit(HarvestRig::job(), numbered(20));
  rig.await_on_lane([&] { return rig.transport().in_flight == 2; });

  REQUIRE(rig.control().pause_job(id, "").ok());
  rig.on_lane([&] {
    rig.transport().hold = false;
    rig.transport().release();
  });
  rig.await_answered(id, 2);  // what was in flight is kept
  CHECK(rig.await(id, v1::PAUSED).record().counters().answered() == 2);
  CHECK(rig.transport().requests().size() == 2);
  REQUIRE(rig.control().resume_job(id).ok());
  CHECK(rig.await(id, v1::FINISHED).record().counters().answered() == 20);
  CHECK(rig.control().cancel_job(id, "").status().code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("a halted service asks nothing until the halt is lifted", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); });
  REQUIRE(rig.control().halt("").ok());
  const std::string id = rig.submit(HarvestRig::job(), numbered(5));
  rig.on_lane([] {});
  CHECK(rig.transport().requests().empty());
  CHECK(rig.control().status().halted());
  REQUIRE(rig.control().lift_halt().ok());
  rig.await(id, v1::FINISHED);
}

TEST_CASE("a job that cannot be right is refused before anything is asked", "[flow][intake]") {
  v1::Teacher closed = HarvestRig::teacher("closed");
  closed.mutable_rights()->clear_permits();
  closed.mutable_rights()->add_permits(v1::EVALUATION);
  v1::Teacher unpriced = HarvestRig::teacher("unpriced");
  unpriced.clear_prices();
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {HarvestRig::teacher("t"), closed, unpriced});
  auto code = [&](const v1::Job& job) { return rig.try_submit(job, numbered(1)).status().code(); };

  CHECK(code(HarvestRig::job({"closed"})) == absl::StatusCode::kPermissionDenied);
  CHECK(code(HarvestRig::job({"unpriced"})) == absl::StatusCode::kFailedPrecondition);
  CHECK(code(HarvestRig::job({"nobody"})) == absl::StatusCode::kNotFound);
  CHECK(code(HarvestRig::job({"t", "t"})) == absl::StatusCode::kInvalidArgument);
  v1::Job named = HarvestRig::job();
  named.set_dataset("../up");
  CHECK(code(named) == absl::StatusCode::kInvalidArgument);
  v1::Job strange = HarvestRig::job();
  strange.mutable_sampling()->set_top_k(5);  // openai-chat has no such thing
  CHECK(code(strange) == absl::StatusCode::kInvalidArgument);
  CHECK(rig.transport().requests().empty());
}
