#include <catch2/catch.hpp>

#include "tests/flow/harvest_rig.h"

using namespace harvest;
using flow::test::answer;
using flow::test::error;
using flow::test::HarvestRig;

namespace {

/// Answers until a question asks to be cut off.
dialect::HttpExchange until_cut_off(const dialect::HttpRequest& request, int) {
  return request.body.find("cut off") != std::string::npos ? error(401, "key revoked") : answer("yes");
}

v1::Job evaluation(std::vector<std::string> teachers) {
  v1::Job job = HarvestRig::job(std::move(teachers));
  job.mutable_use()->set_purpose(v1::EVALUATION);
  job.set_dataset("e");
  return job;
}

v1::Teacher both_purposes(const std::string& name, const std::string& model) {
  v1::Teacher teacher = HarvestRig::teacher(name, model);
  teacher.mutable_rights()->add_permits(v1::EVALUATION);
  return teacher;
}

v1::DecideAlertRequest decision(v1::AlertDecision decided, const std::string& note) {
  v1::DecideAlertRequest request;
  request.set_number(1);
  request.set_decision(decided);
  request.set_note(note);
  return request;
}

}  // namespace

TEST_CASE("access that is taken away stops training on the family, by whatever account", "[flow][rights]") {
  HarvestRig rig(until_cut_off, {both_purposes("first", "gpt-4o"), both_purposes("second", "openai/gpt-4o-mini"),
                                 both_purposes("other", "qwen2.5")});
  rig.await(rig.submit(HarvestRig::job({"first"}), {"question"}), v1::FINISHED);
  const std::string cut = rig.submit(HarvestRig::job({"first"}), {"cut off"});
  const v1::JobStatus paused = rig.await(cut, v1::PAUSED);
  CHECK(paused.record().reason().find("rights alert 1 on openai gpt (access_revoked") != std::string::npos);

  CHECK(rig.try_submit(HarvestRig::job({"second"}), {"q"}).status().code() == absl::StatusCode::kPermissionDenied);
  rig.await(rig.submit(HarvestRig::job({"other"}), {"q"}), v1::FINISHED);
  rig.await(rig.submit(evaluation({"second"}), {"q"}), v1::FINISHED);

  SECTION("until somebody lifts it, with a reason") {
    CHECK_FALSE(rig.control().decide_alert(decision(v1::LIFTED, ""), {}).ok());
    CHECK_FALSE(rig.control().decide_alert(decision(v1::UNDECIDED, "because"), {}).ok());
    REQUIRE(rig.control().decide_alert(decision(v1::UPHELD, "asked the vendor"), {}).ok());
    CHECK_FALSE(rig.try_submit(HarvestRig::job({"second"}), {"q"}).ok());
    const auto lifted = rig.control().decide_alert(decision(v1::LIFTED, "contract 7"), {.principal = "counsel"});
    REQUIRE(lifted.ok());
    CHECK(lifted->decided_by() == "counsel");
    rig.await(rig.submit(HarvestRig::job({"second"}), {"another"}), v1::FINISHED);
  }
  SECTION("over a restart too") {
    rig.restart({both_purposes("first", "gpt-4o"), both_purposes("second", "openai/gpt-4o-mini"),
                 both_purposes("other", "qwen2.5")});
    CHECK_FALSE(rig.try_submit(HarvestRig::job({"second"}), {"q"}).ok());
    REQUIRE(rig.control().alerts().size() == 1);
  }
}

TEST_CASE("a key that never worked is a mistake of ours and raises no alert", "[flow][rights]") {
  HarvestRig rig(until_cut_off);
  const v1::JobStatus paused = rig.await(rig.submit(HarvestRig::job(), {"cut off"}), v1::PAUSED);
  CHECK(paused.record().reason().find("is halted") != std::string::npos);
  CHECK(rig.control().alerts().empty());
}

TEST_CASE("a fallback goes on to another family and never to the same one", "[flow][rights]") {
  HarvestRig rig(until_cut_off, {HarvestRig::teacher("first", "gpt-4o"), HarvestRig::teacher("same", "openai/gpt-4o"),
                                 HarvestRig::teacher("other", "qwen2.5")});
  rig.await(rig.submit(HarvestRig::job({"first"}), {"question"}), v1::FINISHED);
  v1::Job job = HarvestRig::job({"first", "same", "other"});
  job.set_ask(v1::FALLBACK);
  job.set_dataset("f");
  std::vector<std::string> prompts{"cut off"};
  for (int i = 0; i < 50; ++i) prompts.push_back("fallback " + std::to_string(i));
  rig.transport().requests.clear();
  const std::string id = rig.submit(job, prompts);
  rig.await_answered(id, 50);
  for (const v1::Pair& pair : rig.pairs("f")) CHECK(pair.teacher() != "same");
}

TEST_CASE("twenty queries rejected alike halt the teacher and leave the rest unasked", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return error(400, "unknown parameter: top_k"); });
  std::vector<std::string> prompts;
  for (int i = 0; i < 500; ++i) prompts.push_back("question " + std::to_string(i));
  v1::Teacher narrow = HarvestRig::teacher("t");
  narrow.mutable_limits()->set_concurrency(1);
  rig.restart({narrow});
  const v1::JobStatus paused = rig.await(rig.submit(HarvestRig::job(), prompts), v1::PAUSED);
  CHECK(paused.record().reason().find("20 queries in a row were rejected alike") != std::string::npos);
  CHECK(paused.record().counters().rejected() == 20);
}
