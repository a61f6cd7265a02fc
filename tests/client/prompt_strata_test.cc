#include "client/cpp/prompt_strata.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "client/cpp/harvest_client.h"
#include "client/cpp/pilot.h"
#include "client/cpp/plan_text.h"
#include "client/cpp/submission.h"
#include "tests/client/fake_jobs.h"
#include "tests/client/prompt_files.h"

using namespace harvest::client;
namespace v1 = harvest::v1;

namespace {

v1::Prompt sized_prompt(const std::string& text) {
  v1::Prompt prompt;
  v1::Message* message = prompt.add_messages();
  message->set_role("user");
  message->set_content(text);
  return prompt;
}

std::string numbered(size_t count, const std::string& text = "question ") {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += "{\"prompt\":\"" + text + std::to_string(i) + "\"}\n";
  return out;
}

v1::Job job_over(const std::string& path) {
  v1::Job job;
  job.add_prompts(path);
  return job;
}

}  // namespace

TEST_CASE("every prompt is counted in its stratum, and each stratum has a sample", "[client]") {
  PromptStrata strata(32);
  uint64_t bytes = 0;
  for (int i = 0; i < 1000; ++i) {
    const v1::Prompt prompt = sized_prompt(std::string(i % 10 == 0 ? 3000 : 100, 'x') + std::to_string(i));
    bytes += prompt.ByteSizeLong();
    strata.add(prompt);
  }
  const auto drawn = strata.strata();
  REQUIRE(drawn.size() == 2);
  CHECK(drawn[0].prompts() == 900);
  CHECK(drawn[1].prompts() == 100);
  CHECK(drawn[0].bytes() + drawn[1].bytes() == bytes);
  CHECK(drawn[0].sample_size() + drawn[1].sample_size() == 32);
  CHECK(drawn[1].sample_size() > 8);  // few prompts, and most of the bytes
  std::set<std::string> texts;
  for (const auto& stratum : drawn)
    for (const v1::Prompt& prompt : stratum.sample()) texts.insert(prompt.messages(0).content());
  CHECK(texts.size() == 32);
}

TEST_CASE("a sample is drawn from all of a stratum, and the same way each time", "[client]") {
  const auto mean_of_sample = [] {
    PromptStrata strata(200);
    for (int i = 0; i < 10'000; ++i) strata.add(sized_prompt(std::to_string(100'000 + i)));
    double sum = 0;
    const auto drawn = strata.strata();
    for (const v1::Prompt& prompt : drawn.front().sample()) sum += std::stoi(prompt.messages(0).content());
    return sum / 200 - 100'000;
  };
  const double mean = mean_of_sample();
  CHECK(mean == Approx(5000).margin(700));
  CHECK(mean_of_sample() == mean);
}

TEST_CASE("sizes of few prompts are joined, and a lone prompt is a job too", "[client]") {
  PromptStrata strata(8);
  strata.add(sized_prompt("x"));
  CHECK(strata.strata().size() == 1);
  for (int i = 0; i < 500; ++i) strata.add(sized_prompt(std::string(100, 'y') + std::to_string(i)));
  const auto joined = strata.strata();
  REQUIRE(joined.size() == 1);
  CHECK(joined.front().prompts() == 501);
  CHECK(joined.front().sample_size() == 8);
}

TEST_CASE("memory and requests stay bounded where prompts are large", "[client]") {
  PromptStrata strata(4096);
  for (int i = 0; i < 60; ++i) strata.add(sized_prompt(std::string(1 << 20, 'z')));
  size_t bytes = 0;
  for (const auto& stratum : strata.strata()) bytes += stratum.ByteSizeLong();
  CHECK(bytes <= 13 << 20);
}

TEST_CASE("a plan and a submission tell the same digest, whatever the file is called", "[client]") {
  const TempDir dir;
  const auto request = read_for_plan(job_over(dir.file("p.jsonl", numbered(1300))), 8);
  REQUIRE(request.ok());
  CHECK(request->prompts_sha256().size() == 64);
  FakeService service;
  HarvestClient client(service.channel(), "the fake");
  SubmissionPlan plan;
  plan.submission_id = "s";
  plan.job = job_over(dir.file("renamed.jsonl.gz", gzipped(numbered(1300))));
  REQUIRE(submit(client, plan).ok());
  CHECK(service.jobs.prompts_sha256 == request->prompts_sha256());
  const auto other = read_for_plan(job_over(dir.file("q.jsonl", numbered(1300, "Question "))), 8);
  CHECK(other->prompts_sha256() != request->prompts_sha256());
}

TEST_CASE("repeated lines are counted apart, but where each is asked", "[client]") {
  const TempDir dir;
  v1::Job job = job_over(dir.file("p.jsonl", numbered(100) + numbered(20)));
  const auto request = read_for_plan(job, 8);
  REQUIRE(request.ok());
  CHECK(request->repeated_prompts() == 20);
  CHECK(request->strata(0).prompts() == 100);
  job.set_fresh(true);
  CHECK(read_for_plan(job, 8)->repeated_prompts() == 0);
  CHECK(read_for_plan(job, 8)->strata(0).prompts() == 120);
}

TEST_CASE("nothing is planned for no prompt, nor for a bad line", "[client]") {
  const TempDir dir;
  CHECK_THAT(std::string(read_for_plan(job_over(dir.file("p.jsonl", "\n")), 8).status().message()),
             Catch::Contains("found no prompt, expected at least one to plan for"));
  v1::Job job = job_over(dir.file("q.jsonl", numbered(2) + "bad\n"));
  CHECK_THAT(std::string(read_for_plan(job, 8).status().message()), Catch::Contains("q.jsonl:3: "));
  job.set_on_bad_line(v1::SKIP);
  CHECK(read_for_plan(job, 8)->strata(0).prompts() == 2);
}

TEST_CASE("a pilot asks its sample once of every teacher, under a cap of its own", "[client]") {
  const TempDir dir;
  v1::Job job = job_over(dir.file("p.jsonl", numbered(100)));
  job.set_samples(4);
  job.set_until("not refused");
  job.set_ask(v1::SPREAD);
  job.set_fresh(true);
  job.set_dataset("d");
  job.set_max_cost_usd("500");
  const auto request = read_for_plan(job, 8);
  REQUIRE(request.ok());
  const v1::Job pilot = pilot_of(job, "0.5");
  CHECK(pilot.name() == "pilot of d");
  CHECK(pilot.dataset() == "pilots");
  CHECK(pilot.ask() == v1::EACH);
  CHECK(pilot.samples() == 1);
  CHECK(pilot.until().empty());
  CHECK_FALSE(pilot.fresh());
  CHECK(pilot.max_cost_usd() == "0.5");
  CHECK(plan_of_pilot(*request, pilot).strata(0).prompts() == 8);
  FakeService service;
  HarvestClient client(service.channel(), "the fake");
  REQUIRE(submit_pilot(client, *request, pilot).ok());
  CHECK(service.jobs.prompts.size() == 8);
  CHECK(service.jobs.committed);
}

TEST_CASE("a pilot of a prompt that cannot be asked is discarded, or goes without it", "[client]") {
  const TempDir dir;
  v1::Job job = job_over(dir.file("p.jsonl", numbered(4)));
  const auto request = read_for_plan(job, 8);
  REQUIRE(request.ok());
  FakeService service;
  service.jobs.unaskable = "question 1";
  HarvestClient client(service.channel(), "the fake");
  CHECK_THAT(std::string(submit_pilot(client, *request, pilot_of(job, "1")).status().message()),
             Catch::Contains("line 2: "));
  CHECK(service.jobs.discarded);
  job.set_on_bad_line(v1::SKIP);
  REQUIRE(submit_pilot(client, *request, pilot_of(job, "1")).ok());
  CHECK(service.jobs.prompts.size() == 3);
}

TEST_CASE("a plan is told beside its bill", "[client]") {
  v1::JobRecord job;
  CHECK(plan_and_bill(job).empty());
  v1::Plan& plan = *job.mutable_plan();
  plan.mutable_cost_usd()->set_low(1.2);
  plan.mutable_cost_usd()->set_high(1.6);
  plan.mutable_seconds()->set_low(720);
  plan.mutable_seconds()->set_high(900);
  plan.set_binding("output_tokens");
  job.mutable_counters()->set_spent_picodollars(1'380'000'000'000);
  job.set_state(v1::RUNNING);
  CHECK(plan_and_bill(job) == "plan: $1.20 to $1.60, 12 to 15 min (output_tokens binds); bill: $1.38 so far");
  job.set_state(v1::FINISHED);
  job.set_finished_at_us(780'000'000);
  CHECK(plan_and_bill(job) == "plan: $1.20 to $1.60, 12 to 15 min (output_tokens binds); bill: $1.38, 13 min: within");
  job.set_finished_at_us(1'000'000'000);
  CHECK_THAT(plan_and_bill(job), Catch::EndsWith("bill: $1.38, 17 min: dollars within, time above"));
}
