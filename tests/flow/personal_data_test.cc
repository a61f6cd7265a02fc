#include <catch2/catch.hpp>

#include "harvest_rig.h"

namespace harvest::flow::test {
namespace {

constexpr char kLetter[] = "Write a letter to ana@mail.org, please.";

v1::Job job_with(v1::PersonalData treatment) {
  v1::Job job = HarvestRig::job();
  job.set_personal_data(treatment);
  return job;
}

HarvestRig writing() {
  return HarvestRig([](const auto&, int) { return answer("a letter"); });
}

bool sent(HarvestRig& rig, const std::string& text) {
  for (const auto& request : rig.transport().requests())
    if (request.body.find(text) != std::string::npos) return true;
  return false;
}

v1::Prompt held_prompt(HarvestRig& rig, const std::string& id) {
  return rig.store().prompts(rig.store().find_job(id)->number(), 0, 1)->at(0);
}

}  // namespace

TEST_CASE("personal data leaves as it is where it is ignored or flagged", "[flow][labels]") {
  for (const v1::PersonalData treatment : {v1::IGNORE, v1::FLAG, v1::PERSONAL_DATA_UNSPECIFIED}) {
    HarvestRig rig = writing();
    const std::string id = rig.submit(job_with(treatment), {kLetter});
    rig.await(id, v1::FINISHED);
    CHECK(sent(rig, "ana@mail.org"));
    CHECK(held_prompt(rig, id).masks().empty());
    // What holds for the job is written down with it.
    CHECK(rig.store().find_job(id)->job().personal_data() ==
          (treatment == v1::PERSONAL_DATA_UNSPECIFIED ? v1::FLAG : treatment));
  }
}

TEST_CASE("personal data that is masked does not leave, and is kept with the prompt", "[flow][labels]") {
  HarvestRig rig = writing();
  const std::string id = rig.submit(job_with(v1::MASK), {kLetter, "2+2?"});
  rig.await(id, v1::FINISHED);
  CHECK(sent(rig, "[EMAIL_1]"));
  CHECK_FALSE(sent(rig, "ana@mail.org"));
  const v1::Prompt prompt = held_prompt(rig, id);
  CHECK(prompt.messages(0).content() == "Write a letter to [EMAIL_1], please.");
  REQUIRE(prompt.masks_size() == 1);
  CHECK(prompt.masks(0).text() == "ana@mail.org");
}

TEST_CASE("a line with personal data that is blocked is a bad line, told without its text", "[flow][labels]") {
  HarvestRig rig = writing();
  const absl::Status status = rig.try_submit(job_with(v1::BLOCK), {"2+2?", kLetter}).status();
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(status.message() == "personal data: found email in messages[0].content, expected none (personal_data: block)");
  CHECK(rig.transport().requests().empty());
  CHECK(rig.try_submit(job_with(v1::BLOCK), {"2+2?"}).ok());
}

TEST_CASE("a system text with personal data is refused where that may not leave", "[flow][labels]") {
  HarvestRig rig = writing();
  for (const v1::PersonalData treatment : {v1::MASK, v1::BLOCK}) {
    v1::Job job = job_with(treatment);
    job.set_system("You write for ana@mail.org.");
    const absl::Status status = rig.try_submit(job, {"2+2?"}).status();
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK(std::string(status.message()).find("system: personal data: found email") == 0);
    CHECK(std::string(status.message()).find("ana") == std::string::npos);
  }
}

}  // namespace harvest::flow::test
