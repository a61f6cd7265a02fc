#include "service/flow/job_spec.h"

#include <catch2/catch.hpp>
#include <map>

using namespace harvest;
using flow::ConfiguredTeacher;

namespace {

struct Configured {
  std::map<std::string, v1::Teacher> teachers;
  flow::FindTeacher find() const {
    return [this](const std::string& name) -> std::optional<ConfiguredTeacher> {
      auto found = teachers.find(name);
      if (found == teachers.end()) return std::nullopt;
      const auto index = static_cast<uint32_t>(std::distance(teachers.begin(), found));
      return ConfiguredTeacher{index, index, &found->second};
    };
  }
};

v1::Teacher teacher(const std::string& name, const std::string& model) {
  v1::Teacher made;
  made.set_name(name);
  made.set_model(model);
  made.set_dialect("openai-chat");
  return made;
}

}  // namespace

TEST_CASE("a job goes on with changed limits and prices but not with another model", "[flow]") {
  Configured configured{{{"a", teacher("a", "m1")}}};
  v1::JobRecord record;
  record.mutable_job()->set_samples(3);
  record.mutable_counters()->set_prompts(7);
  *record.add_pinned_teachers() = teacher("a", "m1");

  configured.teachers["a"].mutable_limits()->set_concurrency(5);
  auto spec = flow::make_job_spec(record, configured.find());
  REQUIRE(spec.ok());
  CHECK((*spec)->ordinals() == 21);
  CHECK((*spec)->teachers[0].config.limits().concurrency() == 5);

  configured.teachers["a"].set_model_revision("2026-11");
  CHECK(flow::make_job_spec(record, configured.find()).status().code() == absl::StatusCode::kFailedPrecondition);
  configured.teachers.clear();
  CHECK(flow::make_job_spec(record, configured.find()).status().code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("every teacher that is asked for itself has a stream of its own", "[flow]") {
  flow::JobSpec spec;
  spec.teachers.resize(3);
  spec.job.set_ask(v1::EACH);
  CHECK(spec.streams() == 3);
  spec.job.set_ask(v1::SPREAD);
  CHECK(spec.streams() == 1);
  spec.job.set_ask(v1::FALLBACK);
  CHECK(spec.streams() == 1);
}

TEST_CASE("the output cap is the line's or the teacher's", "[flow]") {
  v1::Sampling sampling;
  v1::Teacher asked;
  asked.set_default_max_output_tokens(300);
  CHECK(flow::output_cap(sampling, asked) == 300);
  sampling.set_max_output_tokens(20);
  CHECK(flow::output_cap(sampling, asked) == 20);
}
