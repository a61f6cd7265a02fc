// Events that are alike are not parsed again: what is read must be what parsing each would have read.
#include "service/dialect/repeated_event.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "tests/dialect/decode.h"

using namespace harvest;
using dialect::RepeatedEvent;
using testing::decode;

namespace {

std::string text_of(const dialect::Outcome& outcome) {
  std::string all = std::to_string(outcome.kind) + outcome.message;
  for (const dialect::Choice& choice : outcome.choices)
    all += "|" + choice.message.content() + "|" + choice.message.reasoning_content() + "|" +
           choice.message.tool_calls_json() + "|" + choice.finish_reason + (choice.refused ? "|refused" : "");
  return all;
}

/// Pieces of every kind, many of them alike.
std::string random_piece(std::mt19937& random) {
  static const std::vector<std::string> kTexts{"a", "bc", "", "\\\"", "\xC3\xA9", "x\\u00e9y", "\\n", "}{", "content"};
  const std::string& text = kTexts[random() % kTexts.size()];
  const std::string index = random() % 8 == 0 ? "1" : "0";
  const auto delta = [&](const std::string& inside) {
    return "{\"choices\":[{\"index\":" + index + ",\"delta\":{" + inside + "}}]}";
  };
  switch (random() % 24) {
    case 0:
      return delta("\"content\":\"" + text + "\",\"refusal\":\"no\"");
    case 1:
      return delta("\"content\":\"\",\"refusal\":\"" + text + "\"");
    case 2:
      return delta("\"content\":\"" + text + "\",\"reasoning_content\":\"hm\"");
    case 3:
      return delta("\"content\":\"" + text + "\",\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}]");
    case 4:
      return delta("\"content\": \"" + text + "\"");
    case 5:
      return delta("\"content\":[{\"type\":\"text\",\"text\":\"" + text + "\"}]");
    case 6:
      return "{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}," +
             delta("\"content\":\"" + text + "\"").substr(1);
    default:
      return delta("\"content\":\"" + text + "\"");
  }
}

}  // namespace

TEST_CASE("an event that differs only in its text is read without being parsed", "[dialect][stream]") {
  RepeatedEvent repeated;
  const auto text_of = [&](const std::string& rest) {
    const auto like = repeated.match(rest);
    std::string text;
    if (like) like->append_to(text);
    return like ? text + " in " + std::to_string(like->bytes) : "none";
  };
  const std::string first = "data: {\"delta\":{\"content\":\"Hello\"},\"n\":null}\n\n";
  REQUIRE(repeated.learn(first, R"("content":)", 5));
  CHECK(text_of("data: {\"delta\":{\"content\":\" world\"},\"n\":null}\n\ndata: {") == " world in 47");
  CHECK(text_of("data: {\"delta\":{\"content\":\"\"},\"n\":null}\n\n") == " in 41");
  CHECK(text_of("data: {\"delta\":{\"content\":\"\xC3\xA9\"},\"n\":null}\n\n") == "\xC3\xA9 in 43");
  CHECK(text_of("data: {\"delta\":{\"content\":\"x\"},\"n\":1}\n\n") == "none");
  CHECK(text_of("data: {\"delta\":{\"content\":\"x\"},\"n\":null}\n") == "none");
  CHECK(text_of("data: {\"delta\":{\"content\":\"x\\n\\\"\\\\\\/\\b\\f\\r\\ty\"},\"n\":null}\n\n") ==
        "x\n\"\\/\b\f\r\ty in 59");
  CHECK(text_of("data: {\"delta\":{\"content\":\"x\\u000a\"},\"n\":null}\n\n") == "none");
  CHECK(text_of("data: {\"delta\":{\"content\":\"x\\x\"},\"n\":null}\n\n") == "none");
  CHECK(text_of("data: {\"delta\":{\"content\":\"x\\") == "none");
  CHECK(text_of("data: {\"delta\":{\"content\":\"\xFF\"},\"n\":null}\n\n") == "none");
  CHECK(text_of("event: e\ndata: {\"delta\":{\"content\":\"x\"},\"n\":null}\n\n") == "none");
  CHECK(text_of("data: {\"delta\":{\"content\":\"x") == "none");
  CHECK(text_of("") == "none");
  CHECK_FALSE(repeated.learn("data: {\"content\":\"a\",\"b\":{\"content\":\"c\"}}\n\n", R"("content":)", 1));
  CHECK_FALSE(repeated.learn("data: {\"delta\":{\"content\":\"\\u000a\"}}\n\n", R"("content":)", 1));
  CHECK(text_of(first) == "Hello in 46");  // what was learned before stands
  CHECK(repeated.learn("data: {\"content\":\"\\n\"}\n\n", R"("content":)", 1));
  CHECK(text_of("data: {\"content\":\"x\"}\n\n") == "x in 23");
  repeated.forget();
  CHECK(text_of(first) == "none");
}

TEST_CASE("streams of alike events say what they say when no two are alike", "[dialect][stream]") {
  std::mt19937 random(3);
  const std::vector<std::string> line_ends{"\n", "\r\n", "\r"};
  for (int round = 0; round < 2000; ++round) {
    const std::string& end_of_line = line_ends[random() % line_ends.size()];
    std::string alike, unlike;
    const auto line = [&](const std::string& event) { return "data: " + event + end_of_line + end_of_line; };
    for (int i = 0; i < 12; ++i) {
      const std::string event = random_piece(random);
      const std::string between = random() % 6 == 0 ? ": ping" + end_of_line + end_of_line : "";
      alike += between + line(event);
      unlike += between + line("{\"number\":" + std::to_string(i) + "," + event.substr(1));
    }
    const std::string end =
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    INFO(alike);
    REQUIRE(text_of(decode("openai-chat", alike + end)) == text_of(decode("openai-chat", unlike + end)));
  }
}
