// What a probe records is read by the loader of golden cases, and plays back to what the probe saw.
#include <simdjson.h>

#include <catch2/catch.hpp>

#include "service/dialect/registry/registry.h"
#include "service/flow/probe.h"
#include "tests/dialect/golden_case.h"

using namespace harvest;

namespace {

struct Recorded {
  const char* dialect;
  const char* endpoint;
  const char* model;
  const char* api_version = "";
  const char* region = "";
};

constexpr int64_t kUtcUs = 1795132800'000000;

v1::Teacher teacher_of(const Recorded& recorded) {
  v1::Teacher teacher;
  teacher.set_endpoint(recorded.endpoint);
  teacher.set_model(recorded.model);
  teacher.set_api_version(recorded.api_version);
  teacher.set_region(recorded.region);
  const dialect::Dialect& dialect = *dialect::find_dialect(recorded.dialect);
  teacher.set_profile(std::string(dialect.profile(teacher)));  // as a teacher's desk does
  return teacher;
}

/// Every golden answer of a dialect as what came back, recorded with the probe's question, and played back.
void check_plays_back(const Recorded& recorded) {
  const dialect::Dialect& dialect = *dialect::find_dialect(recorded.dialect);
  const v1::Teacher teacher = teacher_of(recorded);
  const flow::ProbePlan plan = flow::probe_plan(dialect, teacher, flow::askable(dialect, teacher));
  const absl::Status said = dialect.check(teacher, plan.prompt, plan.sampling);
  INFO(recorded.dialect << " at " << recorded.endpoint << ": " << said.ToString());
  REQUIRE(said.ok());
  const dialect::HttpRequest request = dialect.encode(teacher, plan.query());
  int answers = 0;
  for (const testing::GoldenCase& golden : testing::golden_cases()) {
    if (golden.dialect != recorded.dialect || testing::is_request(golden) || golden.content.contains("wire")) continue;
    const dialect::HttpExchange exchange = testing::exchange_of(golden);
    const dialect::Outcome outcome = dialect.decode(exchange, kUtcUs);
    const auto cases =
        testing::golden_cases_in(recorded.dialect, flow::golden_cases(teacher, plan, request, exchange, outcome));
    REQUIRE(cases.size() == 2);
    if (answers++ == 0) {
      const boost::json::object again = testing::encoded(cases[0]);
      CHECK(boost::json::serialize(again) == boost::json::serialize(cases[0].content.at("request")));
      CHECK(again.at("body").as_string() == request.body);
    }
    CHECK(testing::exchange_of(cases[1]).body == exchange.body);
    const boost::json::object& like = cases[1].content.at("outcome").as_object();
    CHECK(boost::json::serialize(testing::described(dialect.decode(testing::exchange_of(cases[1]), kUtcUs), like)) ==
          boost::json::serialize(like));
  }
  CHECK(answers > 0);
}

}  // namespace

TEST_CASE("a recorded probe of every dialect plays back, whatever its endpoint's path, version and region",
          "[flow][probe]") {
  for (const Recorded& recorded : {
           Recorded{"openai-chat", "https://api.openai.com/v1", "gpt-4o-mini"},
           Recorded{"openai-chat", "http://10.1.2.3:8000/v1", "qwen"},
           Recorded{"openai-responses", "https://api.openai.com/v1", "gpt-5"},
           Recorded{"openai-completions", "https://api.openai.com/v1", "davinci-002"},
           Recorded{"azure-openai", "https://acme.openai.azure.com", "prod", "2024-10-21"},
           Recorded{"azure-openai", "https://acme.openai.azure.com/openai/v1", "prod"},
           Recorded{"mistral", "https://api.mistral.ai/v1", "mistral-large-latest"},
           Recorded{"anthropic-messages", "https://api.anthropic.com", "claude-sonnet-4-5", "2023-06-01"},
           Recorded{"anthropic-messages", "https://api.anthropic.com/v1", "claude-sonnet-4-5"},
           Recorded{"gemini", "https://generativelanguage.googleapis.com/v1beta", "gemini-2.5-flash"},
           Recorded{"gemini",
                    "https://aiplatform.googleapis.com/v1/projects/acme-42/locations/global/publishers/google",
                    "gemini-2.5-flash"},
           Recorded{"bedrock-converse", "https://bedrock-runtime.eu-west-1.amazonaws.com", "anthropic.claude-x-v1:0"},
           Recorded{"bedrock-converse", "https://gateway.internal", "anthropic.claude-x-v1:0", "", "eu-west-1"},
           Recorded{"cohere-v2", "https://api.cohere.com", "command-a"},
           Recorded{"cohere-v2", "https://api.cohere.com/v2", "command-a"},
           Recorded{"ollama", "http://127.0.0.1:11434", "qwen3:8b"},
       })
    check_plays_back(recorded);
}

TEST_CASE("an event stream's bytes survive being recorded", "[flow][probe]") {
  const Recorded recorded{"bedrock-converse", "https://bedrock-runtime.eu-west-1.amazonaws.com", "m"};
  const dialect::Dialect& dialect = *dialect::find_dialect(recorded.dialect);
  const v1::Teacher teacher = teacher_of(recorded);
  const flow::ProbePlan plan = flow::probe_plan(dialect, teacher, {flow::ProbeFeature::kStreaming});
  std::string bytes("\x00\x00\x00\xff\xfe not text \x80", 16);
  const std::string text =
      flow::golden_cases(teacher, plan, dialect.encode(teacher, plan.query()), {.status = 200, .body = bytes}, {});
  CHECK(simdjson::validate_utf8(text));
  CHECK(testing::exchange_of(testing::golden_cases_in(recorded.dialect, text)[1]).body == bytes);
}

TEST_CASE("a recorded case names neither host, resource nor project of its owner", "[flow][probe]") {
  for (const Recorded& recorded :
       {Recorded{"azure-openai", "https://acme.openai.azure.com/openai/v1", "prod"},
        Recorded{"openai-chat", "http://acme.internal:8000/v1", "qwen"},
        Recorded{"gemini", "https://aiplatform.googleapis.com/v1/projects/acme/locations/global/publishers/google",
                 "gemini-2.5-flash"}}) {
    const dialect::Dialect& dialect = *dialect::find_dialect(recorded.dialect);
    const v1::Teacher teacher = teacher_of(recorded);
    const flow::ProbePlan plan = flow::probe_plan(dialect, teacher, {});
    const std::string text = flow::golden_cases(
        teacher, plan, dialect.encode(teacher, plan.query()),
        {.status = 200, .headers = {{"openai-organization", "acme"}, {"x-request-id", "r"}}, .body = "{}"}, {});
    INFO(text);
    CHECK(text.find("acme") == std::string::npos);
    CHECK(text.find("x-request-id") != std::string::npos);
  }
}
