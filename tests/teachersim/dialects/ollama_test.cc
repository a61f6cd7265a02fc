// Ollama's chat: lines of JSON by default, and its one-word errors.
#include "tests/teachersim/dialects/ollama.h"

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <string>

using namespace teachersim;
namespace json = boost::json;

namespace {

Answer ollama_answer(const std::string& more) {
  const Ollama dialect(AnswerShape{.bytes_min = 100, .bytes_max = 100});
  auto outcome = dialect.read(R"({"model":"m","messages":[{"role":"user","content":"Why?"}])" + more + "}");
  if (const auto* trouble = std::get_if<Trouble>(&outcome)) FAIL(trouble->message);
  return dialect.answer(*std::get<std::unique_ptr<Question>>(outcome), {.id = "o"});
}

}  // namespace

TEST_CASE("Ollama streams lines unless it is told not to", "[ollama]") {
  const json::value whole = json::parse(ollama_answer(R"(,"stream":false,"think":true)").body);
  CHECK(whole.at("done_reason") == "stop");
  CHECK(whole.at("eval_count") == 25 + 32);
  const Answer answer = ollama_answer(R"(,"think":true)");
  CHECK(answer.content_type == "application/x-ndjson");
  std::string text;
  std::string thought;
  for (const std::string& line : answer.events) {
    CHECK(line.ends_with("}\n"));
    const json::value data = json::parse(line);
    text += std::string_view(data.at_pointer("/message/content").as_string());
    if (const json::value* thinking = data.at("message").as_object().if_contains("thinking"))
      thought += std::string_view(thinking->as_string());
  }
  CHECK(json::value(text) == whole.at_pointer("/message/content"));
  CHECK(json::value(thought) == whole.at_pointer("/message/thinking"));
  CHECK(json::parse(answer.events.back()).at("eval_count") == whole.at("eval_count"));
}

TEST_CASE("Ollama fills schemas and calls tools with objects and heeds num_predict", "[ollama]") {
  const json::value filled = json::parse(
      ollama_answer(R"(,"stream":false,"format":{"type":"object","properties":{"a":{"type":"integer"}}})").body);
  CHECK(json::parse(filled.at_pointer("/message/content").as_string()).at("a").is_int64());
  CHECK(json::parse(ollama_answer(R"(,"stream":false,"options":{"num_predict":3})").body).at("done_reason") ==
        "length");
  const Ollama dialect(AnswerShape{.tool_call_rate = 1});
  auto outcome =
      dialect.read(R"({"model":"m","stream":false,"messages":[],"tools":[{"function":{"name":"t","parameters":{}}}]})");
  const Answer called = dialect.answer(*std::get<std::unique_ptr<Question>>(outcome), {.id = "o"});
  CHECK(json::parse(called.body).at_pointer("/message/tool_calls/0/function/arguments").is_object());
}

TEST_CASE("an error of Ollama's is one text", "[ollama]") {
  const Ollama dialect(AnswerShape{});
  auto outcome = dialect.read(R"({"messages":[]})");
  REQUIRE(std::holds_alternative<Trouble>(outcome));
  CHECK(dialect.reply(std::get<Trouble>(outcome)).body == R"({"error":"model is required"})");
  CHECK(dialect.reply({Trouble::Kind::kServerError, 503, "", "", {}}).status == 503);
  CHECK(dialect.error_event({Trouble::Kind::kServerError, 502, "broken", "", {}}) == "{\"error\":\"broken\"}\n");
}
