#include <catch2/catch.hpp>

#include "service/rights/alerts.h"
#include "tests/flow/harvest_rig.h"

using namespace harvest;
using flow::test::answer;
using flow::test::HarvestRig;
using flow::test::numbered;

namespace {

v1::Teacher for_use(const std::string& name, const std::string& licence, v1::Purpose purpose) {
  v1::Teacher teacher = HarvestRig::teacher(name, "model of " + name);
  teacher.mutable_rights()->set_licence(licence);
  teacher.mutable_rights()->clear_permits();
  teacher.mutable_rights()->add_permits(purpose);
  return teacher;
}

v1::Prompt about(const std::string& record_id) {
  v1::Prompt prompt;
  v1::Message* message = prompt.add_messages();
  message->set_role("user");
  message->set_content("Is " + record_id + " right?");
  prompt.add_parent_record_ids(record_id);
  prompt.set_line(1);
  return prompt;
}

v1::Job judging() {
  v1::Job job = HarvestRig::job({"judge"});
  job.set_dataset("verdicts");
  return job;
}

const auto kAnswers = [](const auto&, int) { return answer("text"); };

}  // namespace

TEST_CASE("what is made of a pair is under its licences and its customer's, and names it", "[flow][chain]") {
  HarvestRig rig(kAnswers, {for_use("t", "Apache-2.0", v1::TRAINING), for_use("judge", "MIT", v1::TRAINING)});
  v1::Job first = HarvestRig::job();
  first.set_prompt_source("exams");
  first.set_prompt_source_licence("CC-BY-4.0");
  first.set_customer("acme");
  rig.await(rig.submit(first, numbered(2)), v1::FINISHED);
  const std::string parent = rig.pairs()[1].record_id();
  const auto id = rig.try_submit_lines(judging(), {about(parent)});
  INFO(id.status());
  REQUIRE(id.ok());
  const uint64_t number = rig.await(*id, v1::FINISHED).record().number();
  const v1::Prompt kept = rig.store().prompts(number, 0, 1)->front();
  CHECK(kept.source() == "dataset:d");
  CHECK(kept.source_licence() == "Apache-2.0 AND CC-BY-4.0");
  CHECK(kept.customer() == "acme");
  REQUIRE(rig.pairs("verdicts").size() == 1);
  const v1::Pair verdict = rig.pairs("verdicts")[0];
  CHECK(verdict.licence() == "Apache-2.0 AND CC-BY-4.0 AND MIT");
  CHECK(verdict.source() == "dataset:d");
  REQUIRE(verdict.parent_record_ids_size() == 1);
  CHECK(verdict.parent_record_ids(0) == parent);
  CHECK(verdict.turn() == 0);

  SECTION("over generations, and where it is known already") {
    v1::Job again = judging();
    again.set_dataset("again");
    rig.await(*rig.try_submit_lines(again, {about(parent), about(verdict.record_id())}), v1::FINISHED);
    const auto pairs = rig.pairs("again");
    REQUIRE(pairs.size() == 2);
    for (const v1::Pair& pair : pairs) CHECK(pair.licence() == "Apache-2.0 AND CC-BY-4.0 AND MIT");
    CHECK((pairs[0].reused() || pairs[1].reused()));
  }
  SECTION("and not of another customer") {
    v1::Job other = judging();
    v1::Prompt prompt = about(parent);
    prompt.set_customer("initech");
    const auto refused = rig.try_submit_lines(other, {prompt});
    CHECK(refused.status().message().find("customer: found initech") == 0);
  }
}

TEST_CASE("a pair is not asked about for what its teacher's rights do not permit", "[flow][chain]") {
  HarvestRig rig(kAnswers, {for_use("t", "no-training", v1::EVALUATION), for_use("judge", "MIT", v1::TRAINING)});
  v1::Job first = HarvestRig::job();
  first.mutable_use()->set_purpose(v1::EVALUATION);
  rig.await(rig.submit(first, numbered(1)), v1::FINISHED);
  const auto refused = rig.try_submit_lines(judging(), {about(rig.pairs()[0].record_id())});
  INFO(refused.status());
  CHECK(absl::IsPermissionDenied(refused.status()));
  CHECK(std::string(refused.status().message()).find(rig.pairs()[0].record_id()) != std::string::npos);
  CHECK(rig.transport().requests().size() == 1);
}

TEST_CASE("nor is what was made of such a pair", "[flow][chain]") {
  v1::Teacher both = for_use("judge", "MIT", v1::TRAINING);
  both.mutable_rights()->add_permits(v1::EVALUATION);
  HarvestRig rig(kAnswers, {for_use("t", "no-training", v1::EVALUATION), both});
  v1::Job first = HarvestRig::job();
  first.mutable_use()->set_purpose(v1::EVALUATION);
  rig.await(rig.submit(first, numbered(1)), v1::FINISHED);
  v1::Job judged = judging();
  judged.mutable_use()->set_purpose(v1::EVALUATION);
  const auto id = rig.try_submit_lines(judged, {about(rig.pairs()[0].record_id())});
  INFO(id.status());
  REQUIRE(id.ok());
  rig.await(*id, v1::FINISHED);
  const auto refused = rig.try_submit_lines(judging(), {about(rig.pairs("verdicts")[0].record_id())});
  CHECK(absl::IsPermissionDenied(refused.status()));
  CHECK(std::string(refused.status().message()).find("record " + rig.pairs()[0].record_id()) == 0);
}

TEST_CASE("a rights alert on a parent's model stands before what is made of it", "[flow][chain]") {
  HarvestRig rig(kAnswers, {for_use("t", "Apache-2.0", v1::TRAINING), for_use("judge", "MIT", v1::TRAINING)});
  rig.await(rig.submit(HarvestRig::job(), numbered(1)), v1::FINISHED);
  const rights::ModelLine line = rights::model_line(for_use("t", "", v1::TRAINING));
  v1::RightsAlert alert;
  alert.set_cause(v1::DISTILLATION_REFUSED);
  alert.set_teacher("t");
  alert.set_model("model of t");
  alert.set_model_owner(line.owner);
  alert.set_model_family(line.family);
  REQUIRE(rig.store().apply_and_wait(store::RaiseAlert{alert}).ok());
  const auto refused = rig.try_submit_lines(judging(), {about(rig.pairs()[0].record_id())});
  INFO(refused.status());
  CHECK(absl::IsPermissionDenied(refused.status()));
  CHECK(std::string(refused.status().message()).find("rights alert 1") != std::string::npos);
  CHECK(std::string(refused.status().message()).find("record ") == 0);
}

TEST_CASE("a parent must be there", "[flow][chain]") {
  HarvestRig rig(kAnswers, {for_use("judge", "MIT", v1::TRAINING)});
  for (const char* id : {"r_01JD0000000000000010000000", "nonsense"}) {
    const auto refused = rig.try_submit_lines(judging(), {about(id)});
    CHECK(absl::IsInvalidArgument(refused.status()));
    CHECK(std::string(refused.status().message()).find("expected the record of a pair that is held") !=
          std::string::npos);
  }
}
