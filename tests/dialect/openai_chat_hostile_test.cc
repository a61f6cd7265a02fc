// Whatever a teacher sends ends in an outcome: what golden_hostile_test.cc does not make of the golden bodies.
#include <catch2/catch.hpp>

#include "service/dialect/dialect.h"
#include "service/dialect/registry/registry.h"

using namespace harvest;

namespace {

dialect::Outcome decode_chat(std::string body, int status = 200) {
  dialect::HttpExchange exchange;
  exchange.sent = true;
  exchange.status = status;
  exchange.body = std::move(body);
  return dialect::find_dialect("openai-chat")->decode(exchange, 1);
}

std::string chat_answer(const std::string& content) {
  return R"({"choices":[{"index":0,"message":{"role":"assistant","content":)" + content +
         R"(,"tool_calls":[{"id":"a"}]},"logprobs":{"content":[]},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}})";
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("a body nested a hundred thousand deep is a fault", "[dialect][hostile]") {
  const std::string open = GENERATE(std::string("["), std::string("{\"a\":"));
  const int status = GENERATE(200, 400, 500);
  const std::string body = chat_answer(repeated(open, 100000));
  CHECK(decode_chat(body, status).kind != v1::ANSWERED);
  CHECK(decode_chat(repeated(open, 100000), status).kind != v1::ANSWERED);
  CHECK(decode_chat("{\"error\":" + repeated("[", 100000) + repeated("]", 100000) + "}", status).kind != v1::ANSWERED);
}

TEST_CASE("bytes that are no UTF-8 cost their place and not the answer", "[dialect][hostile]") {
  const dialect::Outcome outcome = decode_chat(chat_answer("\"a\xFF\xC3(\xED\xA0\x80z\""));
  REQUIRE(outcome.kind == v1::ANSWERED);
  CHECK(outcome.choices[0].message.content() == "a\xEF\xBF\xBD\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz");
  CHECK(outcome.choices[0].message.tool_calls_json() == R"([{"id":"a"}])");
}

TEST_CASE("lone surrogates become one replacement and pairs stay", "[dialect][hostile]") {
  CHECK(decode_chat(chat_answer(R"("\udc00\ud83e\udd9c\ud83e")")).choices.at(0).message.content() ==
        "\xEF\xBF\xBD\xF0\x9F\xA6\x9C\xEF\xBF\xBD");
  CHECK(decode_chat(chat_answer(R"("\\ud800 \ud800x")")).choices.at(0).message.content() == "\\ud800 \xEF\xBF\xBDx");
}

TEST_CASE("a NUL is a character when escaped and a fault when bare", "[dialect][hostile]") {
  CHECK(decode_chat(chat_answer(R"("a\u0000b")")).choices.at(0).message.content() == std::string("a\0b", 3));
  CHECK(decode_chat(chat_answer(std::string("\"a\0b\"", 5))).kind == v1::FAULTED);
  CHECK(decode_chat(std::string("\0\0\0", 3)).kind == v1::FAULTED);
}

TEST_CASE("of two equal keys the first counts in both parsers", "[dialect][hostile]") {
  const dialect::Outcome outcome = decode_chat(
      R"({"choices":[{"message":{"content":"first","content":"second","tool_calls":[1],"tool_calls":[2]},"finish_reason":"stop"}],"choices":[]})");
  REQUIRE(outcome.choices.size() == 1);
  CHECK(outcome.choices[0].message.content() == "first");
  CHECK(outcome.choices[0].message.tool_calls_json() == "[1]");
}

TEST_CASE("huge numbers end in an outcome", "[dialect][hostile]") {
  for (const char* number : {"1e999", "-1e999", "99999999999999999999999999", "18446744073709551615", "1e308", "-0"}) {
    const std::string body = std::string(R"({"choices":[{"index":)") + number +
                             R"(,"message":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":)" +
                             number + R"(,"completion_tokens":1}})";
    const dialect::Outcome outcome = decode_chat(body);
    CHECK((outcome.kind == v1::ANSWERED || outcome.kind == v1::FAULTED));
    CHECK(outcome.usage.input_tokens() <= 1'000'000'000);
  }
}

TEST_CASE("every field may be of any type", "[dialect][hostile]") {
  const std::vector<std::string> values{"null", "true", "1",    "1.5",    "\"x\"",
                                        "[]",   "{}",   "[{}]", "[null]", "{\"a\":[]}"};
  for (const std::string& value : values) {
    decode_chat("{\"choices\":" + value + "}");
    decode_chat("{\"error\":" + value + "}", 400);
    decode_chat("{\"error\":" + value + "}");
    decode_chat("{\"detail\":" + value + "}", 422);
    decode_chat("{\"error\":{\"code\":" + value + ",\"type\":" + value + ",\"message\":" + value +
                    ",\"metadata\":" + value + ",\"innererror\":" + value + "}}",
                400);
    decode_chat("{\"choices\":[" + value + "]}");
    decode_chat("{\"choices\":[{\"message\":" + value + "}]}");
    decode_chat("{\"choices\":[{\"index\":" + value + ",\"finish_reason\":" + value + ",\"logprobs\":" + value +
                ",\"error\":" + value + ",\"message\":{\"content\":" + value + ",\"refusal\":" + value +
                ",\"tool_calls\":" + value + ",\"reasoning\":" + value + "}}],\"usage\":" + value +
                ",\"model\":" + value + ",\"id\":" + value + "}");
    CHECK(decode_chat(value).kind == v1::FAULTED);
  }
}
