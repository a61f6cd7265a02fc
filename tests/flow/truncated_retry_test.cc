#include "service/flow/truncated_retry.h"

#include <catch2/catch.hpp>
#include <set>

#include "tests/flow/harvest_rig.h"

using namespace harvest;
using flow::test::asks;
using flow::test::HarvestRig;
using flow::test::priced;

namespace {

const std::vector<std::string> kShortAndLong = {"a short one", "a long one", "a short other", "another long one"};
constexpr int kOld = 100, kNew = 400;

/// Questions after long ones are cut off under the old cap. Costs what it says: a dollar a million tokens.
dialect::HttpExchange cut(const dialect::HttpRequest& request, int) {
  const bool whole = !asks(request, "long") || asks(request, std::to_string(kNew));
  dialect::HttpExchange exchange = flow::test::answer(whole ? "whole" : "half");
  if (!whole) exchange.body.replace(exchange.body.find("stop"), 4, "length");
  return exchange;
}

absl::StatusOr<v1::JobStatus> retry(HarvestRig& rig, const std::string& id, uint32_t cap = kNew) {
  v1::RetryJobRequest request;
  request.set_job_id(id);
  request.set_where(v1::RetryJobRequest::TRUNCATED);
  request.set_max_output_tokens(cap);
  return rig.control().retry_truncated(request, {.principal = "somebody"});
}

v1::JobStatus retried(HarvestRig& rig, const std::string& id, uint32_t cap = kNew) {
  const auto made = retry(rig, id, cap);
  INFO(made.status());
  REQUIRE(made.ok());
  return rig.await(made->record().id(), v1::FINISHED);
}

}  // namespace

TEST_CASE("what an output cap cut off is bought again and nothing else", "[flow][retry]") {
  HarvestRig rig(cut, {priced()});
  v1::Job job = HarvestRig::job();
  job.set_system("be brief");
  job.set_priority(v1::HIGH);
  const std::string id = rig.submit(job, kShortAndLong);
  CHECK(rig.await(id, v1::FINISHED).record().counters().truncated() == 2);
  rig.transport().forget_requests();

  const v1::JobStatus again = retried(rig, id);
  CHECK(again.record().id() != id);
  CHECK(again.record().counters().prompts() == 2);
  CHECK(again.record().counters().answered() == 2);
  CHECK(again.record().counters().truncated() == 0);
  CHECK(again.record().principal() == "somebody");
  v1::Job same = again.record().job();
  CHECK(same.sampling().max_output_tokens() == kNew);
  same.mutable_sampling()->set_max_output_tokens(kOld);
  job.set_samples(1);
  job.set_personal_data(v1::FLAG);  // what held for the job is written down with it
  CHECK(same.SerializeAsString() == job.SerializeAsString());
  CHECK(rig.transport().requests().size() == 2);
  const auto prompts = *rig.store().prompts(again.record().number(), 0, 10);
  REQUIRE(prompts.size() == 2);
  CHECK(prompts[0].line() == 2);
  CHECK(prompts[1].line() == 4);

  SECTION("the same command finds the same job") {
    CHECK(retry(rig, id)->record().id() == again.record().id());
    CHECK(rig.transport().requests().size() == 2);
  }
  SECTION("and what was bought is known to a third") {
    const v1::JobStatus third = retried(rig, id, kNew + 1);
    CHECK(third.record().counters().reused() == 2);
    CHECK(third.record().counters().spent_picodollars() == 0);
  }
}

TEST_CASE("a retry that cannot be is refused and leaves no draft behind", "[flow][retry]") {
  HarvestRig rig(cut);
  const std::string id = rig.submit(HarvestRig::job(), kShortAndLong);
  rig.await(id, v1::FINISHED);
  const std::string whole = rig.submit(HarvestRig::job(), {"a short question"});
  rig.await(whole, v1::FINISHED);
  const size_t jobs = rig.store().jobs().size();
  CHECK(retry(rig, "j_none").status().code() == absl::StatusCode::kNotFound);
  CHECK(retry(rig, whole).status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(retry(rig, id, 0).status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(retry(rig, id, kOld).status().message() ==
        "max_output_tokens: found 100, but line 2 of job " + id + " was cut off at 100; expected more");
  CHECK(rig.store().jobs().size() == jobs);
}

TEST_CASE("of several teachers only those that were cut off are asked again", "[flow][retry]") {
  HarvestRig rig(
      [](const auto& request, int asked) {
        return asks(request, "model of terse") ? flow::test::answer("whole") : cut(request, asked);
      },
      {priced(HarvestRig::teacher("terse", "model of terse")), priced(HarvestRig::teacher("wordy", "model of wordy"))});
  const std::string id = rig.submit(HarvestRig::job({"terse", "wordy"}), kShortAndLong);
  rig.await(id, v1::FINISHED);
  const v1::JobStatus again = retried(rig, id);
  REQUIRE(again.record().job().teachers_size() == 1);
  CHECK(again.record().job().teachers(0) == "wordy");
  CHECK(again.record().counters().attempts() == 2);
}

TEST_CASE("samples that were whole are not paid for again", "[flow][retry]") {
  // With a seed each sample is a call of its own: sample i is asked with seed 7 + i, and the third is cut off.
  HarvestRig rig(
      [](const auto& request, int) {
        const bool half = asks(request, "\"seed\":9") && !asks(request, std::to_string(kNew));
        dialect::HttpExchange exchange = flow::test::answer("text");
        if (half) exchange.body.replace(exchange.body.find("stop"), 4, "length");
        return exchange;
      },
      {priced()});
  v1::Job job = HarvestRig::job();
  job.set_samples(3);
  job.mutable_sampling()->set_seed(7);
  const std::string id = rig.submit(job, {"one question"});
  CHECK(rig.await(id, v1::FINISHED).record().counters().truncated() == 1);
  rig.transport().forget_requests();
  const v1::JobStatus again = retried(rig, id);
  CHECK(again.record().counters().attempts() == 1);
  CHECK(again.record().counters().reused() == 2);
  REQUIRE(rig.transport().requests().size() == 1);
  CHECK(rig.transport().requests()[0].body.find("\"seed\":9") != std::string::npos);
}

TEST_CASE("a line's own cap is raised too", "[flow][retry]") {
  HarvestRig rig(cut);
  std::vector<v1::Prompt> lines(3);
  for (int i = 0; i < 3; ++i) {
    lines[i].set_line(10 + i);
    lines[i].set_custom_id("k" + std::to_string(i));
    v1::Message* message = lines[i].add_messages();
    message->set_role("user");
    message->set_content(i == 0 ? "short" : "long " + std::to_string(i));
    lines[i].mutable_sampling()->set_max_output_tokens(50);
  }
  lines[0].set_file("p.jsonl");
  const auto submitted = rig.try_submit_lines(HarvestRig::job(), lines);
  REQUIRE(submitted.ok());
  const std::string& id = *submitted;
  rig.await(id, v1::FINISHED);
  const v1::JobStatus again = retried(rig, id);
  CHECK(again.record().counters().truncated() == 0);
  const auto prompts = *rig.store().prompts(again.record().number(), 0, 10);
  REQUIRE(prompts.size() == 2);
  CHECK(prompts[0].custom_id() == "k1");
  CHECK(prompts[0].line() == 11);
  CHECK(prompts[0].file() == "p.jsonl");
  CHECK(prompts[1].file().empty());
}

TEST_CASE("a draft that a crash left half filled is made anew", "[flow][retry]") {
  HarvestRig rig(cut);
  const std::string id = rig.submit(HarvestRig::job(), kShortAndLong);
  rig.await(id, v1::FINISHED);
  store::OpenDraft left;
  left.record.set_id("j_left");
  left.record.set_submission_id(flow::truncated_retry_id(id, kNew));
  *left.record.mutable_job() = HarvestRig::job();
  REQUIRE(rig.store().apply_and_wait(left).ok());
  const v1::JobStatus again = retried(rig, id);
  CHECK(again.record().id() != "j_left");
  CHECK(again.record().counters().prompts() == 2);
}
