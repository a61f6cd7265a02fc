// Google's generateContent: what is refused at submit, who is shown which key, and when its day ends.
#include <catch2/catch.hpp>

#include "service/dialect/dialect.h"
#include "service/dialect/gemini/gemini_wait.h"
#include "service/dialect/registry/registry.h"

using namespace harvest;

namespace {

const dialect::Dialect& gemini_dialect() {
  return *dialect::find_dialect("gemini");
}

struct GeminiQuery {
  v1::Teacher teacher;
  v1::Prompt prompt;
  v1::Sampling sampling;

  GeminiQuery() {
    teacher.set_model("gemini-2.5-flash");
    teacher.set_endpoint("https://generativelanguage.googleapis.com/v1beta");
    add("user", "hi");
  }
  v1::Message& add(const std::string& role, const std::string& content) {
    v1::Message& message = *prompt.add_messages();
    message.set_role(role);
    message.set_content(content);
    return message;
  }
  /// The field that is refused; empty: none.
  std::string refused() const {
    const absl::Status status = gemini_dialect().check(teacher, prompt, sampling);
    const std::string words(status.message());
    return words.substr(0, words.find(": "));
  }
};

constexpr char kGeminiCalls[] = R"([{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}])";

}  // namespace

TEST_CASE("what gemini cannot be told is refused by name", "[dialect][gemini]") {
  GeminiQuery query;
  CHECK(query.refused().empty());
  SECTION("effort of a model without levels") {
    query.sampling.set_reasoning_effort("low");
    CHECK(query.refused() == "reasoning_effort");
    query.teacher.set_model("gemini-3-pro");
    CHECK(query.refused().empty());
    query.sampling.set_reasoning_budget_tokens(5);
    CHECK(query.refused() == "reasoning_budget_tokens");
  }
  SECTION("numbers") {
    query.sampling.set_seed(int64_t{1} << 31);
    CHECK(query.refused() == "seed");
    query.sampling.set_seed(-1);
    query.sampling.set_temperature(2.1);
    CHECK(query.refused() == "temperature");
    query.sampling.set_temperature(2);
    query.sampling.set_top_logprobs(21);
    CHECK(query.refused() == "top_logprobs");
  }
  SECTION("stops") {
    for (int i = 0; i < 6; ++i) query.sampling.add_stop("x");
    CHECK(query.refused() == "stop");
  }
  SECTION("parallel tool calls") {
    query.sampling.set_parallel_tool_calls(false);
    CHECK(query.refused() == "parallel_tool_calls");
  }
  SECTION("keys that the request writes, in either spelling") {
    for (const char* key : {"generationConfig", "generation_config", "cachedContent", "tools", "contents"}) {
      query.sampling.set_extra_body_json(std::string("{\"") + key + "\":1}");
      CHECK(query.refused() == std::string("extra_body.") + key);
    }
  }
  SECTION("a service tier on Vertex") {
    query.sampling.set_service_tier("flex");
    CHECK(query.refused().empty());
    query.teacher.set_profile("vertex");
    CHECK(query.refused() == "service_tier");
  }
  SECTION("messages") {
    query.add("assistant", "");
    CHECK(query.refused() == "messages[1].content");
    query.prompt.mutable_messages(1)->set_reasoning_content("hm");
    CHECK(query.refused() == "messages[1].reasoning_content");
  }
  SECTION("system only, or late") {
    query.add("system", "x");
    CHECK(query.refused() == "messages[1].role");
    query.prompt.mutable_messages()->DeleteSubrange(0, 1);
    CHECK(query.refused() == "messages");
  }
  SECTION("an image by its address") {
    query.add("user", "").set_parts_json(R"([{"type":"image_url","image_url":{"url":"https://h.test/a.png"}}])");
    CHECK(query.refused() == "messages[1].content");
  }
  SECTION("calls without their signature") {
    query.add("assistant", "").set_tool_calls_json(kGeminiCalls);
    query.add("tool", "1").set_tool_call_id("c");
    CHECK(query.refused().empty());
    for (const char* model : {"gemini-3-pro", "models/gemini-3.5-flash", "gemini-10", "gemini-flash-latest"}) {
      query.teacher.set_model(model);
      CHECK(query.refused() == "messages[1].tool_calls");
    }
  }
  SECTION("a result of an unknown call") {
    query.add("tool", "1").set_tool_call_id("c");
    CHECK(query.refused() == "messages[1].tool_call_id");
  }
}

TEST_CASE("the endpoint's host, or the profile, tells which key header", "[dialect][gemini]") {
  v1::Teacher teacher;
  const auto header = [&] { return gemini_dialect().credential(teacher, "k").header; };
  using Header = std::pair<std::string, std::string>;
  teacher.set_endpoint("https://generativelanguage.googleapis.com/v1beta");
  CHECK(header() == Header{"x-goog-api-key", "k"});
  for (const char* host : {"aiplatform.googleapis.com", "us-central1-aiplatform.googleapis.com"}) {
    teacher.set_endpoint(std::string("https://") + host + "/v1/projects/p/locations/l/publishers/google");
    CHECK(header() == Header{"Authorization", "Bearer k"});
  }
  teacher.set_endpoint("https://h.test/aiplatform.googleapis.com");
  CHECK(gemini_dialect().profile(teacher) == "developer");
  teacher.set_profile("vertex");
  CHECK(header() == Header{"Authorization", "Bearer k"});
}

TEST_CASE("a day of quota ends at midnight in California, by its summer time too", "[dialect][gemini]") {
  using std::chrono::hours;
  CHECK(dialect::until_pacific_midnight(1795132800'000000) == hours(8));  // 2026-11-20 00:00 UTC
  CHECK(dialect::until_pacific_midnight(1795132800'000000 + 8 * 3600'000000ll) == hours(24));
  CHECK(dialect::until_pacific_midnight(1782864000'000000) == hours(7));  // 2026-07-01 00:00 UTC
}
