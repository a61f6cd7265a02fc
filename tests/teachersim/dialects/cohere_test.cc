// Cohere's chat: whole, streamed, and its plain errors.
#include "tests/teachersim/dialects/cohere.h"

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <string>

using namespace teachersim;
namespace json = boost::json;

namespace {

const AnswerShape kCohereShape{.bytes_min = 100, .bytes_max = 100};

std::string cohere_body(const std::string& more = "") {
  return R"({"model":"command-a","messages":[{"role":"user","content":"Why?"}])" + more + "}";
}

Answer cohere_answer(const std::string& body, const Stamp& stamp = {.id = "c-1"}) {
  const Cohere dialect(kCohereShape);
  auto outcome = dialect.read(body);
  if (const auto* trouble = std::get_if<Trouble>(&outcome)) FAIL(trouble->message);
  return dialect.answer(*std::get<std::unique_ptr<Question>>(outcome), stamp);
}

}  // namespace

TEST_CASE("an answer of Cohere's has typed content and two kinds of usage", "[cohere]") {
  const Answer answer =
      cohere_answer(cohere_body(R"(,"thinking":{"type":"enabled","token_budget":10},"logprobs":true)"));
  const json::value body = json::parse(answer.body);
  CHECK(body.at("finish_reason") == "COMPLETE");
  CHECK(body.at_pointer("/message/content/0/type") == "thinking");
  CHECK(body.at_pointer("/message/content/1/text") == json::value(answer.contents[0]));
  CHECK(body.at_pointer("/usage/billed_units/output_tokens") == 35);
  CHECK(body.at("logprobs").as_array().size() == 25);
  CHECK(json::parse(cohere_answer(cohere_body(R"(,"max_tokens":3)")).body).at("finish_reason") == "MAX_TOKENS");
}

TEST_CASE("the events of Cohere's stream make up the answer", "[cohere]") {
  const Answer answer = cohere_answer(cohere_body(R"(,"stream":true)"));
  CHECK(answer.events.front().starts_with("event: message-start\n"));
  CHECK(answer.events.back().starts_with("event: message-end\n"));
  std::string text;
  for (const std::string& event : answer.events) {
    const json::value data = json::parse(event.substr(event.find("data: ") + 6));
    if (data.at("type") == "content-delta")
      text += std::string_view(data.at_pointer("/delta/message/content/text").as_string());
    if (data.at("type") == "message-end") CHECK(data.at_pointer("/delta/usage/tokens/output_tokens") == 25);
  }
  CHECK(text == answer.contents[0]);
}

TEST_CASE("Cohere calls tools and says plainly what is wrong", "[cohere]") {
  const json::value called = json::parse(
      cohere_answer(
          cohere_body(R"(,"tools":[{"type":"function","function":{"name":"t","parameters":{"type":"object"}}}],)"
                      R"("tool_choice":"REQUIRED")"))
          .body);
  CHECK(called.at("finish_reason") == "TOOL_CALL");
  CHECK(called.at_pointer("/message/tool_calls/0/function/arguments") == "{}");
  const Cohere dialect(kCohereShape);
  auto outcome = dialect.read(cohere_body(R"(,"top_p":0.5)"));
  REQUIRE(std::holds_alternative<Trouble>(outcome));
  const Reply bad = dialect.reply(std::get<Trouble>(outcome));
  CHECK(bad.status == 400);
  CHECK(json::parse(bad.body).at("message") == "invalid request: top_p: unknown field");
  const Reply limit = dialect.reply({Trouble::Kind::kThrottled, 429, "slower", "", {}});
  CHECK(limit.status == 429);
  CHECK(json::parse(limit.body).at("message") == "slower");
}
