#include "client/cpp/submission.h"

#include <catch2/catch.hpp>

#include "client/cpp/channel.h"
#include "client/cpp/exit_code.h"
#include "client/cpp/submission_id.h"
#include "tests/client/fake_jobs.h"
#include "tests/client/prompt_files.h"

using namespace harvest::client;
namespace v1 = harvest::v1;

namespace {

struct Submitting {
  TempDir dir;
  FakeService service;
  HarvestClient client{service.channel(), "the fake"};
  std::vector<std::string> skipped;

  SubmissionPlan plan(const std::string& content) {
    SubmissionPlan plan;
    plan.submission_id = "s";
    plan.job.add_prompts(dir.file("p.jsonl", content));
    plan.on_skipped = [this](const std::string& line) { skipped.push_back(line); };
    return plan;
  }
};

}  // namespace

TEST_CASE("a job is submitted in chunks and committed whole", "[client]") {
  Submitting c;
  const auto submitted = submit(c.client, c.plan(lines(1300)));
  REQUIRE(submitted.ok());
  CHECK(c.service.jobs.chunks == std::vector<int>{512, 512, 276});
  CHECK(c.service.jobs.prompts[1299].messages(0).content() == "question 1299");
  CHECK(c.service.jobs.committed);
  CHECK_FALSE(submitted->resumed);
}

TEST_CASE("long prompts make smaller chunks", "[client]") {
  Submitting c;
  const std::string line = "{\"prompt\":\"" + std::string(100000, 'x') + "\"}\n";
  REQUIRE(submit(c.client, c.plan(line + line + line + line + line)).ok());
  CHECK(c.service.jobs.chunks == std::vector<int>{3, 2});
}

TEST_CASE("a fatal line discards the draft and every bad line is named", "[client]") {
  Submitting c;
  const auto submitted = submit(c.client, c.plan(lines(600) + "bad\n" + lines(2) + "worse\n"));
  REQUIRE(submitted.status().code() == absl::StatusCode::kInvalidArgument);
  const std::string message(submitted.status().message());
  CHECK(message.find("p.jsonl:601: is not JSON") != std::string::npos);
  CHECK(message.find("p.jsonl:604: is not JSON") != std::string::npos);
  CHECK(c.service.jobs.discarded);
  CHECK_FALSE(c.service.jobs.committed);
}

TEST_CASE("bad lines can be skipped and are counted and told", "[client]") {
  Submitting c;
  SubmissionPlan plan = c.plan("bad\n" + lines(3) + "worse\n");
  plan.job.set_on_bad_line(v1::SKIP);
  const auto submitted = submit(c.client, plan);
  REQUIRE(submitted.ok());
  CHECK(submitted->skipped_lines == 2);
  CHECK(c.service.jobs.skipped_lines == 2);
  CHECK(c.service.jobs.prompts.size() == 3);
  REQUIRE(c.skipped.size() == 2);
  CHECK(c.skipped[1].find("p.jsonl:5:") != std::string::npos);
}

TEST_CASE("lines that ask the same as an earlier one are told, whatever is kept beside them", "[client]") {
  Submitting c;
  const std::string repeated =
      "{\"prompt\":\"question 1\",\"custom_id\":\"k\",\"note\":7}\n"        // line 4, as line 2
      "{\"prompt\":\"question 1\",\"temperature\":0.5}\n"                   // asked otherwise
      "{\"messages\":[{\"role\":\"user\",\"content\":\"question 0\"}]}\n";  // line 6, as line 1
  SubmissionPlan plan = c.plan(lines(3) + repeated);
  const std::string file = plan.job.prompts(0);
  CHECK(submit(c.client, plan)->notes.at(0) == "2 lines repeat an earlier one (first: " + file + ":4 as " + file +
                                                   ":2): a whole answer serves all of them and is paid for once");
  plan.job.set_fresh(true);
  Submitting fresh;
  CHECK_THAT(submit(fresh.client, plan)->notes.at(0), Catch::Contains("--fresh asks and pays for each of them"));
  Submitting none;
  CHECK(submit(none.client, none.plan(lines(600)))->notes.empty());
}

TEST_CASE("whoever states no output cap is told where answers will end", "[client]") {
  const auto notes = [](uint32_t stated) {
    Submitting c;
    for (const auto& [name, cap] : {std::pair("large", 8192u), std::pair("small", 1024u)}) {
      v1::Teacher& teacher = c.service.jobs.pinned.emplace_back();
      teacher.set_name(name);
      teacher.set_default_max_output_tokens(cap);
    }
    SubmissionPlan plan = c.plan(lines(1));
    if (stated > 0) plan.job.mutable_sampling()->set_max_output_tokens(stated);
    return submit(c.client, plan)->notes;
  };
  CHECK(notes(0) == std::vector<std::string>{"answers end at their teacher's default_max_output_tokens (large: 8192, "
                                             "small: 1024); --max-output states another cap"});
  CHECK(notes(300).empty());
}

TEST_CASE("a prompt that the service cannot ask is told with its file and line", "[client]") {
  Submitting c;
  c.service.jobs.unaskable = "question 1";
  SubmissionPlan plan = c.plan(lines(1) + "\n" + lines(3));
  plan.job.add_prompts(c.dir.file("q.jsonl", lines(600)));
  const auto submitted = submit(c.client, plan);
  REQUIRE(submitted.status().code() == absl::StatusCode::kInvalidArgument);
  const std::string message(submitted.status().message());
  CHECK(message.find("p.jsonl:4: teacher t: cannot be asked\n") != std::string::npos);
  CHECK(message.find("q.jsonl:2: teacher t: cannot be asked\n") != std::string::npos);
  CHECK(message.find("nothing was submitted") != std::string::npos);
  CHECK(c.service.jobs.discarded);
}

TEST_CASE("a prompt that the service cannot ask can be skipped", "[client]") {
  Submitting c;
  c.service.jobs.unaskable = "question 1";
  SubmissionPlan plan = c.plan(lines(700) + "bad\n" + lines(2));
  plan.job.set_on_bad_line(v1::SKIP);
  const auto submitted = submit(c.client, plan);
  REQUIRE(submitted.ok());
  CHECK(submitted->skipped_lines == 3);
  CHECK(c.service.jobs.skipped_lines == 3);
  REQUIRE(c.service.jobs.prompts.size() == 700);
  CHECK(c.service.jobs.prompts[1].messages(0).content() == "question 2");
  CHECK(c.service.jobs.prompts[699].messages(0).content() == "question 0");
  REQUIRE(c.skipped.size() == 3);
}

TEST_CASE("a half filled draft is begun again where lines may have been left out", "[client]") {
  Submitting c;
  c.service.jobs.unaskable = "question 1";
  c.service.jobs.prompts.resize(2);
  SubmissionPlan plan = c.plan(lines(4));
  plan.job.set_on_bad_line(v1::SKIP);
  REQUIRE(submit(c.client, plan).ok());
  REQUIRE(c.service.jobs.prompts.size() == 3);
  CHECK(c.service.jobs.prompts[0].messages(0).content() == "question 0");
}

TEST_CASE("files without a prompt make no job", "[client]") {
  Submitting c;
  const auto submitted = submit(c.client, c.plan("\n"));
  CHECK(submitted.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(c.service.jobs.discarded);
}

TEST_CASE("chunks are sent again while the service restarts and none is held twice", "[client]") {
  Submitting c;
  c.service.jobs.unavailable_chunks = 2;
  REQUIRE(submit(c.client, c.plan(lines(700))).ok());
  CHECK(c.service.jobs.prompts.size() == 700);
  CHECK(c.service.jobs.chunks == std::vector<int>{512, 188});
}

TEST_CASE("what a draft holds already is not sent again", "[client]") {
  Submitting c;
  c.service.jobs.prompts.resize(600);
  REQUIRE(submit(c.client, c.plan(lines(700))).ok());
  CHECK(c.service.jobs.chunks == std::vector<int>{100});
  CHECK(c.service.jobs.prompts[600].messages(0).content() == "question 600");
}

TEST_CASE("a submission that was committed before is found again where asked for", "[client]") {
  Submitting c;
  c.service.jobs.committed = true;
  SubmissionPlan plan = c.plan(lines(3));
  CHECK(submit(c.client, plan).status().code() == absl::StatusCode::kAlreadyExists);
  plan.reopen = true;
  const auto submitted = submit(c.client, plan);
  REQUIRE(submitted.ok());
  CHECK(submitted->resumed);
  CHECK(c.service.jobs.chunks.empty());
}

TEST_CASE("giving up discards the draft", "[client]") {
  Submitting c;
  SubmissionPlan plan = c.plan(lines(2000));
  plan.on_progress = [](uint64_t) { return false; };
  CHECK(submit(c.client, plan).status().code() == absl::StatusCode::kCancelled);
  CHECK(c.service.jobs.discarded);
}

TEST_CASE("the service's refusal is told in its words", "[client]") {
  Submitting c;
  c.service.jobs.open_status = {grpc::StatusCode::PERMISSION_DENIED, "rights: not for training"};
  const auto submitted = submit(c.client, c.plan(lines(1)));
  CHECK(submitted.status().message() == "rights: not for training");
  CHECK(exit_code_of(submitted.status()) == kRefused);
  CHECK(exit_code_of(c.client.job("j_x").status()) == kNotFound);
  CHECK(c.client.job("j_x").status().message() == "job j_x not found");
}

TEST_CASE("a job is watched until its end or until enough was seen", "[client]") {
  Submitting c;
  std::vector<uint64_t> seen;
  REQUIRE(c.client
              .watch_job("j", 10,
                         [&](const v1::JobStatus& job) {
                           seen.push_back(job.record().counters().answered());
                           return true;
                         })
              .ok());
  CHECK(seen == std::vector<uint64_t>{1, 2, 3});
  REQUIRE(c.client.watch_job("j", 10, [&](const v1::JobStatus&) { return false; }).ok());
}

TEST_CASE("where nobody answers it is said at once", "[client]") {
  HarvestClient client(dial("127.0.0.1:1"), "127.0.0.1:1");
  const auto jobs = client.jobs(false);
  CHECK(std::string(jobs.status().message()).find("no harvestd answers at 127.0.0.1:1 (") == 0);
  CHECK(exit_code_of(jobs.status()) == kUnreachable);
}

TEST_CASE("the lasting submission id follows what is asked and nothing else", "[client]") {
  const TempDir dir;
  v1::Job job;
  job.add_teachers("a");
  job.add_prompts(dir.file("p.jsonl", lines(3)));
  const std::string id = lasting_submission_id(job).value();
  v1::Job same = job;
  same.set_prompts(0, dir.file("renamed.jsonl.gz", gzipped(lines(3))));
  same.set_max_cost_usd("5");
  same.set_name("again");
  CHECK(lasting_submission_id(same).value() == id);
  v1::Job other = job;
  other.add_teachers("b");
  CHECK(lasting_submission_id(other).value() != id);
  v1::Job more = job;
  more.set_prompts(0, dir.file("q.jsonl", lines(4)));
  CHECK(lasting_submission_id(more).value() != id);
  job.set_prompts(0, "-");
  CHECK(lasting_submission_id(job).value() != lasting_submission_id(job).value());
  job.set_prompts(0, "absent");
  CHECK_FALSE(lasting_submission_id(job).ok());
}

TEST_CASE("a job's end has its exit code", "[client]") {
  v1::JobStatus job;
  v1::JobRecord& record = *job.mutable_record();
  record.set_state(v1::FINISHED);
  record.mutable_counters()->set_queries(2);
  record.mutable_counters()->set_answered(2);
  CHECK(exit_code_of(job) == kOk);
  record.mutable_counters()->set_answered(1);
  record.mutable_counters()->set_refused(1);
  CHECK(exit_code_of(job) == kOtherEndings);
  record.set_state(v1::PAUSED);
  record.set_reason("budget: of $1.00 there are $0.99 spent");
  CHECK(exit_code_of(job) == kCostCap);
  record.set_reason("teacher a is halted");
  CHECK(exit_code_of(job) == kRefused);
  record.set_state(v1::RUNNING);
  CHECK(exit_code_of(job) == kInterrupted);
}
