#include "service/flow/probe_search.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "service/dialect/registry/registry.h"

using namespace harvest;
using flow::ProbeFeature;
using flow::ProbePlan;
using flow::ProbeSearch;

namespace {

const dialect::Dialect& spoken(const char* name) {
  return *dialect::find_dialect(name);
}

v1::Teacher of_profile(const char* profile, const char* model = "m") {
  v1::Teacher teacher;
  teacher.set_profile(profile);
  teacher.set_model(model);
  return teacher;
}

bool thinks(const ProbePlan& plan) {
  return !plan.sampling.reasoning_effort().empty() || plan.sampling.reasoning_budget_tokens() > 0;
}

/// A model that answers with all that it is asked for, but rejects what `rejects` says.
struct Found {
  int calls = 0;
  v1::ProbeReply reply;

  std::string state(const std::string& name) const {
    for (const v1::ProbeReply::Capability& capability : reply.capabilities())
      if (capability.name() == name) return capability.state();
    return "not told";
  }
};

Found find(ProbeSearch& search, const std::function<bool(const ProbePlan&)>& rejects) {
  Found found;
  while (const std::optional<ProbePlan> plan = search.next()) {
    REQUIRE(++found.calls <= 8);
    dialect::Outcome outcome;
    outcome.kind = rejects(*plan) ? v1::REJECTED : v1::ANSWERED;
    outcome.message = "not here";
    if (outcome.kind == v1::ANSWERED) {
      outcome.choices.resize(plan->choices);
      if (plan->sampling.has_top_logprobs()) outcome.choices.front().soft_labels.add_tokens("ready");
      if (plan->stream) outcome.first_token_end = 1;
      if (thinks(*plan)) outcome.usage.set_reasoning_tokens(5);
      outcome.usage.set_reported(true);
    }
    search.heard(outcome);
  }
  search.report(found.reply);
  return found;
}

Found find(const char* dialect, const v1::Teacher& teacher, const std::function<bool(const ProbePlan&)>& rejects) {
  ProbeSearch search(spoken(dialect), teacher);
  return find(search, rejects);
}

}  // namespace

TEST_CASE("a model that can do everything says so in one call", "[flow][probe]") {
  const Found found = find("openai-chat", of_profile("openai"), [](const ProbePlan&) { return false; });
  CHECK(found.calls == 1);
  for (const char* name : {"reasoning", "logprobs", "n", "streaming", "usage"}) CHECK(found.state(name) == "found");
}

TEST_CASE("a model that lacks one thing is not said to lack the others", "[flow][probe]") {
  const v1::Teacher teacher = of_profile("openai");
  SECTION("reasoning") {
    const Found found = find("openai-chat", teacher, thinks);
    CHECK(found.calls == 2);
    CHECK(found.state("reasoning") == "refused");
    for (const char* name : {"logprobs", "n", "streaming"}) CHECK(found.state(name) == "found");
  }
  SECTION("logprobs, as models that think") {
    const Found found =
        find("openai-chat", teacher, [](const ProbePlan& plan) { return plan.sampling.has_top_logprobs(); });
    CHECK(found.calls == 4);
    CHECK(found.state("logprobs") == "refused");
    for (const char* name : {"reasoning", "n", "streaming"}) CHECK(found.state(name) == "found");
  }
  SECTION("streaming and n") {
    const Found found =
        find("openai-chat", teacher, [](const ProbePlan& plan) { return plan.stream || plan.choices > 1; });
    CHECK(found.calls <= 8);
    for (const char* name : {"n", "streaming"}) CHECK(found.state(name) == "refused");
    for (const char* name : {"reasoning", "logprobs"}) CHECK(found.state(name) == "found");
  }
}

TEST_CASE("a question that is rejected in its plainest form has no capabilities to tell", "[flow][probe]") {
  const Found found = find("openai-chat", of_profile("openai"), [](const ProbePlan&) { return true; });
  CHECK(found.calls == 5);
  CHECK(found.reply.capabilities().empty());
}

TEST_CASE("what could not be asked by itself any more is told with the reason", "[flow][probe]") {
  const v1::Teacher teacher = of_profile("openai");
  ProbeSearch search(spoken("openai-chat"), teacher);
  const auto hear = [&](v1::Outcome kind) {
    REQUIRE(search.next());
    dialect::Outcome outcome;
    outcome.kind = kind;
    outcome.choices.resize(1);
    search.heard(outcome);
  };
  hear(v1::REJECTED);
  hear(v1::REJECTED);
  hear(v1::ANSWERED);
  CHECK(search.is_main());
  REQUIRE(search.next());
  search.stop("the probe's time is up");
  CHECK_FALSE(search.next());
  v1::ProbeReply reply;
  search.report(reply);
  CHECK(reply.capabilities(3).name() == "reasoning");
  CHECK(reply.capabilities(3).note().find("the probe's time is up") != std::string::npos);
}

TEST_CASE("thinking is asked for with as little as each dialect can say", "[flow][probe]") {
  const auto sampling = [](const char* dialect, const v1::Teacher& teacher) {
    return flow::probe_plan(spoken(dialect), teacher, {ProbeFeature::kReasoning}).sampling;
  };
  CHECK(sampling("openai-chat", of_profile("openai")).reasoning_effort() == "low");
  CHECK(sampling("openai-chat", of_profile("deepseek")).reasoning_effort() == "high");
  const v1::Sampling claude = sampling("anthropic-messages", of_profile("", "claude-sonnet-4-5"));
  CHECK(claude.reasoning_budget_tokens() == 1024);
  CHECK(claude.max_output_tokens() > 1024);
  CHECK(sampling("cohere-v2", of_profile("")).reasoning_budget_tokens() == 1024);
  CHECK(sampling("ollama", of_profile("")).reasoning_effort() == "low");
  // A server that has no word for it is not asked.
  const auto features = flow::askable(spoken("openai-chat"), of_profile("tgi"));
  CHECK(std::find(features.begin(), features.end(), ProbeFeature::kReasoning) == features.end());
}
