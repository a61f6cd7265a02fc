#include "client/cpp/job_flags.h"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>

#include "tests/client/prompt_files.h"

using namespace harvest::client;
namespace v1 = harvest::v1;

namespace {

absl::StatusOr<v1::Job> job_of(std::vector<std::string> arguments) {
  CLI::App app;
  JobFlags flags;
  flags.add_to(app);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  app.parse(arguments);
  return flags.job();
}

}  // namespace

TEST_CASE("a job may ask until a sample is accepted, at most so many", "[client]") {
  const auto job = job_of(
      {"--teacher", "t", "--purpose", "training", "--samples", "4", "--until", "labels has 'tests=pass'", "p.jsonl"});
  REQUIRE(job.ok());
  CHECK(job->until() == "labels has 'tests=pass'");
  CHECK(job->samples() == 4);
  const auto alone = job_of({"--teacher", "t", "--purpose", "training", "--until", "not refused", "p.jsonl"});
  CHECK(absl::IsInvalidArgument(alone.status()));
  CHECK(alone.status().message().find("samples: found 1 beside until") == 0);
}

TEST_CASE("every flag reaches its field", "[client]") {
  const auto job = job_of({"--teacher",
                           "a,b",
                           "--purpose",
                           "training",
                           "--dataset",
                           "d",
                           "--template",
                           "{{q}}, {{r}}",
                           "--system",
                           "be brief",
                           "--samples",
                           "3",
                           "--max-output",
                           "50",
                           "--temperature",
                           "0",
                           "--ask",
                           "fallback",
                           "--max-cost",
                           "1.5",
                           "--deadline",
                           "2026-11-20T09:30:00Z",
                           "--fresh",
                           "--priority",
                           "high",
                           "--student",
                           "s",
                           "--distributed",
                           "--competes",
                           "--prompt-source",
                           "web",
                           "--prompt-source-licence",
                           "MIT",
                           "--customer",
                           "k",
                           "--on-bad-line",
                           "skip",
                           "--name",
                           "n",
                           "one.jsonl",
                           "-"});
  REQUIRE(job.ok());
  CHECK(job->teachers_size() == 2);
  CHECK(job->use().purpose() == v1::TRAINING);
  CHECK(job->dataset() == "d");
  CHECK(job->template_() == "{{q}}, {{r}}");
  CHECK(job->system() == "be brief");
  CHECK(job->samples() == 3);
  CHECK(job->sampling().max_output_tokens() == 50);
  CHECK(job->sampling().has_temperature());
  CHECK(job->ask() == v1::FALLBACK);
  CHECK(job->max_cost_usd() == "1.5");
  CHECK(job->deadline() == "2026-11-20T09:30:00Z");
  CHECK(job->fresh());
  CHECK(job->priority() == v1::HIGH);
  CHECK(job->use().student() == "s");
  CHECK(job->use().distributed());
  CHECK(job->use().competes());
  CHECK(job->prompt_source() == "web");
  CHECK(job->prompt_source_licence() == "MIT");
  CHECK(job->customer() == "k");
  CHECK(job->on_bad_line() == v1::SKIP);
  CHECK(job->name() == "n");
  REQUIRE(job->prompts_size() == 2);
  CHECK(job->prompts(1) == "-");
}

TEST_CASE("a prompt file behind a list of teachers is no teacher", "[client]") {
  const auto job = job_of({"--purpose", "evaluation", "--teacher", "a", "p.jsonl"});
  REQUIRE(job.ok());
  CHECK(job->teachers_size() == 1);
  CHECK(job->prompts(0) == "p.jsonl");
  CHECK(job->dataset() == "default");
}

TEST_CASE("an age goes to the service as it was written, and is checked before", "[client]") {
  const auto job = job_of({"--purpose", "evaluation", "--teacher", "a", "--max-age", "7d", "p.jsonl"});
  REQUIRE(job.ok());
  CHECK(job->max_age() == "7d");
  const auto wrong = job_of({"--purpose", "evaluation", "--teacher", "a", "--max-age", "soon", "p.jsonl"});
  CHECK(wrong.status().message() == "max_age: found 'soon', expected an age like 12h, 7d or 1d12h");
}

TEST_CASE("flags go on top of a job file", "[client]") {
  const TempDir dir;
  const std::string file = dir.file("job.yaml",
                                    "teachers: [a]\nuse: { purpose: training, student: s }\nsamples: 4\n"
                                    "sampling: { temperature: 0.5, top_p: 0.9 }\nprompts: [x.jsonl]\n");
  const auto job = job_of({"--job", file, "--samples", "2", "--temperature", "1", "y.jsonl"});
  REQUIRE(job.ok());
  CHECK(job->teachers(0) == "a");
  CHECK(job->samples() == 2);
  CHECK(job->sampling().temperature() == 1.0);
  CHECK(job->sampling().top_p() == 0.9);
  CHECK(job->use().student() == "s");
  REQUIRE(job->prompts_size() == 1);
  CHECK(job->prompts(0) == "y.jsonl");
}

TEST_CASE("everything that is missing or wrong about a job is told at once", "[client]") {
  const auto job = job_of({"--max-cost", "lots", "--dataset", "../up", "--deadline", "soon"});
  const std::string message(job.status().message());
  for (const char* field : {"teachers:", "use.purpose:", "prompts:", "max_cost_usd:", "dataset:", "deadline:"}) {
    CHECK(message.find(field) != std::string::npos);
  }
  const TempDir dir;
  const auto file = job_of({"--job", dir.file("job.yaml", "teacher: a\nsamples: many\n")});
  CHECK(std::string(file.status().message())
            .find("job.yaml:1:1: found the unknown field 'teacher', did you mean "
                  "'teachers'?") != std::string::npos);
  CHECK(std::string(file.status().message()).find("job.yaml:2:10: samples: found 'many'") != std::string::npos);
  CHECK_FALSE(job_of({"--job", dir.path("absent.yaml")}).ok());
}

TEST_CASE("flags with values of their own refuse others", "[client]") {
  CHECK_THROWS_AS(job_of({"--purpose", "sale"}), CLI::ParseError);
  CHECK_THROWS_AS(job_of({"--samples", "0"}), CLI::ParseError);
  CHECK_THROWS_AS(job_of({"--samples", "1025"}), CLI::ParseError);  // as the service has it
  CHECK_THROWS_AS(job_of({"--max-output", "-1"}), CLI::ParseError);
  CHECK_THROWS_AS(job_of({"--ask", "all"}), CLI::ParseError);
}
