#include "service/quality/answer_traits.h"

#include <catch2/catch.hpp>

using namespace harvest;
using quality::text_hash;
using quality::traits_of;

namespace {

v1::Message saying(const std::string& text) {
  v1::Message message;
  message.set_role("assistant");
  message.set_content(text);
  return message;
}

}  // namespace

TEST_CASE("white space within a text counts as one space and at its ends not at all", "[quality]") {
  CHECK(text_hash("a b") == text_hash("  a \n\t b\n"));
  CHECK(text_hash("a b") != text_hash("ab"));
  CHECK(text_hash("") == text_hash(" \n"));
  CHECK(text_hash("a b") != text_hash("A b"));
}

TEST_CASE("a text has the same hash in every run", "[quality]") {
  // What an earlier version kept of a canary must still agree with it.
  CHECK(text_hash("4") == 0x81AE5BE9A4A777DFULL);
}

TEST_CASE("an answer is empty that holds neither text nor call", "[quality]") {
  CHECK(traits_of(saying(" \n"), false, false).empty);
  CHECK_FALSE(traits_of(saying("."), false, false).empty);
  v1::Message thought = saying("");
  thought.set_reasoning_content("hm, hm");
  CHECK(traits_of(thought, false, true).empty);
  CHECK(traits_of(thought, false, true).truncated);
  v1::Message call = saying("");
  call.set_tool_calls_json("[{}]");
  CHECK_FALSE(traits_of(call, false, false).empty);
  v1::Message parts = saying("");
  parts.set_parts_json("[{}]");
  CHECK_FALSE(traits_of(parts, false, false).empty);
}

TEST_CASE("a refusal without words is a refusal and not empty", "[quality]") {
  const quality::AnswerTraits traits = traits_of(saying(""), true, false);
  CHECK(traits.refused);
  CHECK_FALSE(traits.empty);
}

TEST_CASE("a text and the same text as a call are two texts", "[quality]") {
  v1::Message call = saying("");
  call.set_tool_calls_json("[1]");
  CHECK(traits_of(call, false, false).text_hash != traits_of(saying("[1]"), false, false).text_hash);
}
