// What ollama and cohere-v2 refuse at submit.
#include "tests/dialect/refusal.h"

using namespace harvest;
using namespace harvest::testing;

namespace {

/// The field that is complained of; empty: none.
std::string refused(std::string_view dialect, const v1::Prompt& prompt, const v1::Sampling& sampling = {}) {
  const std::string text = complaint(dialect, prompt, sampling);
  return text.substr(0, text.find(": "));
}

template <typename Set>
std::string refused_with(std::string_view dialect, Set set) {
  v1::Sampling sampling;
  set(sampling);
  return refused(dialect, question(), sampling);
}

std::string refused_extra(std::string_view dialect, const std::string& json) {
  return refused_with(dialect, [&](v1::Sampling& s) { s.set_extra_body_json(json); });
}

std::string refused_parts(std::string_view dialect, const std::string& role, const std::string& parts_json) {
  v1::Prompt prompt = question();
  add(prompt, role).set_parts_json(parts_json);
  return refused(dialect, prompt);
}

const std::string kImageUrl = R"([{"type":"image_url","image_url":{"url":"https://e.example/a.png"}}])";
const std::string kImage = R"([{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}])";

}  // namespace

TEST_CASE("ollama and cohere-v2 take a plain question and an image", "[dialect]") {
  for (const char* dialect : {"ollama", "cohere-v2"}) {
    CHECK(refused(dialect, question()).empty());
    CHECK(refused_parts(dialect, "user", kImage).empty());
  }
}

TEST_CASE("ollama and cohere-v2 refuse roles and fields of messages that they have not", "[dialect]") {
  for (const char* dialect : {"ollama", "cohere-v2"}) {
    INFO(dialect);
    v1::Prompt prompt = question();
    add(prompt, "developer", "be short");
    CHECK(refused(dialect, prompt) == "messages[1].role");
    prompt = question();
    prompt.mutable_messages(0)->set_name("ada");
    CHECK(refused(dialect, prompt) == "messages[0].name");
    prompt = question();
    prompt.mutable_messages(0)->set_reasoning_content("hm");
    CHECK(refused(dialect, prompt) == "messages[0].reasoning_content");
    prompt = question();
    prompt.mutable_messages(0)->set_tool_call_id("call_1");
    CHECK(refused(dialect, prompt) == "messages[0].tool_call_id");
    prompt = question();
    prompt.mutable_messages(0)->set_tool_calls_json(R"([{"id":"c","function":{"name":"f","arguments":"{}"}}])");
    CHECK(refused(dialect, prompt) == "messages[0].tool_calls");
    CHECK(refused_parts(dialect, "assistant", kImage) == "messages[1].content");
  }
}

TEST_CASE("ollama takes images as bytes, and one text", "[dialect]") {
  CHECK(refused_parts("ollama", "user", kImageUrl) == "messages[1].content");
  CHECK(refused_parts("ollama", "user", R"([{"type":"text","text":"a"},{"type":"text","text":"b"}])") ==
        "messages[1].content");
  CHECK(
      refused_parts("ollama", "user",
                    R"([{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw==","detail":"low"}}])") ==
      "messages[1].content");
}

TEST_CASE("ollama refuses sampling that it does not know", "[dialect]") {
  CHECK(refused_with("ollama", [](v1::Sampling& s) { s.set_reasoning_budget_tokens(5); }) == "reasoning_budget_tokens");
  CHECK(refused_with("ollama", [](v1::Sampling& s) {
          s.set_reasoning_budget_tokens(0);
          s.set_reasoning_effort("high");
        }) == "reasoning_budget_tokens");
  CHECK(refused_with("ollama", [](v1::Sampling& s) { s.set_reasoning_effort("minimal"); }) == "reasoning_effort");
  CHECK(refused_with("ollama", [](v1::Sampling& s) { s.set_top_logprobs(21); }) == "top_logprobs");
  CHECK(refused_with("ollama", [](v1::Sampling& s) { s.set_presence_penalty(1); }) == "presence_penalty");
  CHECK(refused_with("ollama", [](v1::Sampling& s) { s.set_service_tier("auto"); }) == "service_tier");
  CHECK(refused_with("ollama", [](v1::Sampling& s) { s.set_parallel_tool_calls(true); }) == "parallel_tool_calls");
  CHECK(refused_with("ollama", [](v1::Sampling& s) { s.set_response_format_json(R"({"type":"grammar"})"); }) ==
        "response_format");
  v1::Prompt prompt = question();
  prompt.set_tool_choice_json(R"("auto")");
  CHECK(refused("ollama", prompt) == "tool_choice");
}

TEST_CASE("ollama's options are said once", "[dialect]") {
  CHECK(refused_extra("ollama", R"({"options":{"num_ctx":8192}})").empty());
  CHECK(refused_extra("ollama", R"({"options":{"num_predict":-1}})") == "extra_body.options.num_predict");
  CHECK(refused_extra("ollama", R"({"options":{"s\u0065ed":1}})") == "extra_body.options.seed");
  CHECK(refused_extra("ollama", R"({"options":[1]})") == "extra_body.options");
  CHECK(refused_extra("ollama", R"({"options":null})") == "extra_body.options");
  CHECK(refused_extra("ollama", R"({"options":{},"options":{"num_predict":-1}})") == "extra_body.options");
  CHECK(refused_extra("ollama", R"({"stream":true})") == "extra_body.stream");
  CHECK(refused_extra("ollama", R"({"think":true,"format":"json"})").empty());
  CHECK(refused_with("ollama", [](v1::Sampling& s) {
          s.set_reasoning_budget_tokens(0);
          s.set_extra_body_json(R"({"think":true})");
        }) == "extra_body.think");
}

TEST_CASE("cohere-v2 refuses sampling beyond its ranges", "[dialect]") {
  CHECK(refused_with("cohere-v2", [](v1::Sampling& s) { s.set_top_p(1); }) == "top_p");
  CHECK(refused_with("cohere-v2", [](v1::Sampling& s) { s.set_top_k(501); }) == "top_k");
  CHECK(refused_with("cohere-v2", [](v1::Sampling& s) { s.set_presence_penalty(-0.1); }) == "presence_penalty");
  CHECK(refused_with("cohere-v2", [](v1::Sampling& s) { s.set_frequency_penalty(1.1); }) == "frequency_penalty");
  CHECK(refused_with("cohere-v2", [](v1::Sampling& s) { s.set_seed(-1); }) == "seed");
  CHECK(refused_with("cohere-v2", [](v1::Sampling& s) { s.set_top_logprobs(1); }) == "top_logprobs");
  CHECK(refused_with("cohere-v2", [](v1::Sampling& s) { s.set_reasoning_effort("high"); }) == "reasoning_effort");
  CHECK(refused_with("cohere-v2", [](v1::Sampling& s) {
          s.set_reasoning_effort("none");
          s.set_reasoning_budget_tokens(7);
        }) == "reasoning_effort");
  CHECK(refused_with("cohere-v2", [](v1::Sampling& s) { s.set_service_tier("auto"); }) == "service_tier");
  CHECK(refused_with("cohere-v2", [](v1::Sampling& s) {
          for (const char* stop : {"one", "two", "three", "four", "five", "six"}) s.add_stop(stop);
        }) == "stop");
  CHECK(refused_extra("cohere-v2", R"({"max_tokens":1})") == "extra_body.max_tokens");
  CHECK(refused_with("cohere-v2", [](v1::Sampling& s) {
          s.set_reasoning_budget_tokens(7);
          s.set_extra_body_json(R"({"thinking":{}})");
        }) == "extra_body.thinking");
}

TEST_CASE("cohere-v2 refuses tools that it cannot be told of", "[dialect]") {
  v1::Prompt prompt = question();
  prompt.set_tools_json(
      R"([{"type":"function","function":{"name":"a","strict":true}},{"type":"function","function":{"name":"b"}}])");
  CHECK(refused("cohere-v2", prompt) == "tools");
  prompt = question();
  prompt.set_tools_json(R"([{"type":"function","function":{"name":"a"}}])");
  prompt.set_tool_choice_json(R"({"type":"function","function":{"name":"a"}})");
  CHECK(refused("cohere-v2", prompt) == "tool_choice");
  prompt = question();
  add(prompt, "tool", "seen");
  CHECK(refused("cohere-v2", prompt) == "messages[1].tool_call_id");
  prompt = question();
  add(prompt, "assistant").set_tool_calls_json(R"([{"function":{"name":"f","arguments":"{}"}}])");
  CHECK(refused("cohere-v2", prompt) == "messages[1].tool_calls");
}
