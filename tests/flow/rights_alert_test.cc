#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

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

v1::Teacher own(v1::Teacher teacher) {
  teacher.set_vendor("own");
  return teacher;
}

v1::Teacher claude(const std::string& name) {
  v1::Teacher teacher = both_purposes(name, "claude-sonnet-4-5");
  teacher.set_dialect("anthropic-messages");
  return teacher;
}

dialect::HttpExchange says(int status, const std::string& body) {
  return {.status = status, .body = body};
}

const std::string kYes = R"({"id":"x","type":"message","role":"assistant","model":"m","content":[{"type":"text",)"
                         R"("text":"yes"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}})";

/// So that a job is not over before the first answer has been judged.
v1::Teacher one_at_a_time(v1::Teacher teacher) {
  teacher.mutable_limits()->set_concurrency(1);
  return teacher;
}

/// A key in a file that may be given another.
class KeyFile {
 public:
  KeyFile() { REQUIRE(mkdtemp(directory_.data()) != nullptr); }
  ~KeyFile() { std::filesystem::remove_all(directory_); }
  void holds(const std::string& key) const { std::ofstream(path()) << key << "\n"; }
  std::string path() const { return directory_ + "/key"; }

 private:
  std::string directory_ = (std::filesystem::temp_directory_path() / "harvest-key-XXXXXX").string();
};

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
  // Only gpt's vendor cuts us off: the query that did it is asked of the other too.
  const auto of_gpt = [](const dialect::HttpRequest& request, int number) {
    return request.body.find("qwen") != std::string::npos ? answer("yes") : until_cut_off(request, number);
  };
  HarvestRig rig(of_gpt, {HarvestRig::teacher("first", "gpt-4o"), HarvestRig::teacher("same", "openai/gpt-4o"),
                          own(HarvestRig::teacher("other", "qwen2.5"))});
  rig.await(rig.submit(HarvestRig::job({"first"}), {"question"}), v1::FINISHED);
  v1::Job job = HarvestRig::job({"first", "same", "other"});
  job.set_ask(v1::FALLBACK);
  job.set_dataset("f");
  std::vector<std::string> prompts{"cut off"};
  for (int i = 0; i < 50; ++i) prompts.push_back("fallback " + std::to_string(i));
  rig.transport().forget_requests();
  const std::string id = rig.submit(job, prompts);
  CHECK(rig.await(id, v1::FINISHED).record().counters().answered() == 51);
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

TEST_CASE("a refusal that speaks of distillation stops training on the family and is kept as an answer",
          "[flow][rights]") {
  const std::string refused =
      R"({"id":"x","type":"message","role":"assistant","model":"m","content":[],"stop_reason":"refusal",)"
      R"("stop_details":{"type":"refusal","category":"frontier_llm"},"usage":{"input_tokens":1,"output_tokens":1}})";
  HarvestRig rig(
      [&](const dialect::HttpRequest& request, int) {
        if (request.body.find("qwen") != std::string::npos) return answer("yes");
        return says(200, request.body.find("frontier") != std::string::npos ? refused : kYes);
      },
      {one_at_a_time(claude("first")), claude("second"), both_purposes("other", "qwen2.5")});
  std::vector<std::string> prompts{"frontier"};
  for (int i = 0; i < 3000; ++i) prompts.push_back("question " + std::to_string(i));
  const std::string by_second = rig.submit(HarvestRig::job({"second"}), {"one"});
  rig.await(by_second, v1::FINISHED);
  const std::string id = rig.submit(HarvestRig::job({"first"}), prompts);
  const v1::JobStatus paused = rig.await(id, v1::PAUSED);
  CHECK(paused.record().reason().find("rights alert 1 on anthropic claude (distillation_refused") != std::string::npos);
  // The pause may reach the disk before the refusal, which was paid for and is kept, and before the alert.
  rig.await_on_lane([&] { return rig.control().job(id)->record().counters().refused() == 1; });
  rig.await_on_lane([&] { return rig.control().alerts().size() == 1; });
  CHECK(rig.control().alerts()[0].vendor_code() == "frontier_llm");
  CHECK_FALSE(rig.control().teachers().at(0).halted());

  CHECK(rig.try_submit(HarvestRig::job({"second"}), {"q"}).status().code() == absl::StatusCode::kPermissionDenied);
  rig.await(rig.submit(HarvestRig::job({"other"}), {"q"}), v1::FINISHED);
  rig.await(rig.submit(evaluation({"second"}), {"q"}), v1::FINISHED);
}

TEST_CASE("a vendor that throws us out is one alert and its cause is the access", "[flow][rights]") {
  const bool answered_before = GENERATE(true, false);
  HarvestRig rig(
      [](const dialect::HttpRequest& request, int) {
        return request.body.find("cut off") == std::string::npos
                   ? says(200, kYes)
                   : says(400, R"({"type":"error","error":{"type":"invalid_request_error",)"
                               R"("message":"This organization has been disabled."}})");
      },
      {claude("first")});
  if (answered_before) rig.await(rig.submit(HarvestRig::job({"first"}), {"question"}), v1::FINISHED);
  rig.await(rig.submit(HarvestRig::job({"first"}), {"cut off"}), v1::PAUSED);
  REQUIRE(rig.control().alerts().size() == 1);
  CHECK(rig.control().alerts()[0].cause() == v1::ACCESS_REVOKED);
  CHECK(rig.control().teachers().at(0).halted());
}

TEST_CASE("a vendor that throws us out is heard, whatever key there is by now", "[flow][rights][keys]") {
  const KeyFile key;
  key.holds("old");
  v1::Teacher teacher = claude("first");
  teacher.mutable_api_key()->set_file(key.path());
  HarvestRig rig(
      [&](const dialect::HttpRequest& request, int) {
        if (request.body.find("cut off") == std::string::npos) return says(200, kYes);
        key.holds("new");
        return says(403, R"({"type":"error","error":{"type":"permission_error",)"
                         R"("message":"This organization has been disabled."}})");
      },
      {teacher});
  rig.await(rig.submit(HarvestRig::job({"first"}), {"cut off"}), v1::PAUSED);
  CHECK(rig.control().teachers().at(0).halted());
  CHECK(rig.control().alerts().size() == 1);
}

TEST_CASE("a probe that finds access taken away halts and tells like a query", "[flow][rights]") {
  std::atomic<bool> cut_off{false};
  HarvestRig rig([&](const auto&, int) { return cut_off ? error(401, "key revoked") : answer("yes"); },
                 {both_purposes("first", "gpt-4o")});
  rig.await(rig.submit(HarvestRig::job({"first"}), {"question"}), v1::FINISHED);
  cut_off = true;
  REQUIRE(rig.control().probe_teacher("first", false).ok());
  CHECK(rig.control().teachers().at(0).halted());
  REQUIRE(rig.control().alerts().size() == 1);
  CHECK(rig.control().alerts()[0].cause() == v1::ACCESS_REVOKED);
}

TEST_CASE("a key that is renewed in its file is taken up where the old one is refused", "[flow][keys]") {
  const KeyFile key;
  key.holds("old");
  v1::Teacher teacher = HarvestRig::teacher("t", "gpt-4o");
  teacher.mutable_api_key()->set_file(key.path());
  std::string good = "Bearer old";
  std::string words = "key revoked";
  HarvestRig* here = nullptr;
  HarvestRig rig(
      [&](const auto&, int) {
        return here->transport().requests().back().credential == good
                   ? answer("yes")
                   : says(401, R"({"error":{"message":")" + words + R"(","type":"t","code":"c"}})");
      },
      {teacher});
  here = &rig;
  rig.await(rig.submit(HarvestRig::job(), {"question"}), v1::FINISHED);
  rig.on_lane([&] { good = "Bearer new"; });

  SECTION("without a halt") {
    key.holds("new");
    std::vector<std::string> prompts;
    for (int i = 0; i < 200; ++i) prompts.push_back("question " + std::to_string(i));
    CHECK(rig.await(rig.submit(HarvestRig::job(), prompts), v1::FINISHED).record().counters().answered() == 200);
    CHECK_FALSE(rig.control().teachers().at(0).halted());
    CHECK(rig.control().alerts().empty());
  }
  SECTION("by whoever resumes the teacher, and a token that has expired is no access taken away") {
    rig.on_lane([&] { words = "The token has expired"; });
    const std::string id = rig.submit(HarvestRig::job(), {"another"});
    const v1::JobStatus paused = rig.await(id, v1::PAUSED);
    CHECK(paused.record().reason().find("its key has expired") != std::string::npos);
    CHECK(rig.control().alerts().empty());
    key.holds("new");
    REQUIRE(rig.control().resume_teacher("t").ok());
    REQUIRE(rig.control().resume_job(id).ok());
    rig.await(id, v1::FINISHED);
  }
  SECTION("and the same key refused is what it was") {
    rig.await(rig.submit(HarvestRig::job(), {"another"}), v1::PAUSED);
    CHECK(rig.control().teachers().at(0).halted());
    CHECK(rig.control().alerts().size() == 1);
  }
}
