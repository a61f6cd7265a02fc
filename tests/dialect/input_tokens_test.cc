#include <catch2/catch.hpp>

#include "service/dialect/dialect.h"

using namespace harvest;

namespace {

int64_t bound(const v1::Prompt& prompt) {
  return dialect::input_tokens_max(prompt, {});
}

}  // namespace

TEST_CASE("the bound of a prompt counts every byte that is sent as text", "[dialect]") {
  v1::Prompt prompt;
  v1::Message& message = *prompt.add_messages();
  message.set_role("user");
  const int64_t empty = bound(prompt);
  message.set_content(std::string(1000, 'x'));
  CHECK(bound(prompt) == empty + 1000);
  message.set_reasoning_content("12345");
  CHECK(bound(prompt) == empty + 1005);
  prompt.set_tools_json("[]");
  CHECK(bound(prompt) > empty + 1005 + 500);
}

TEST_CASE("an image weighs what its tiles may cost and not what its link is long", "[dialect]") {
  v1::Prompt prompt;
  prompt.add_messages()->set_parts_json(
      R"([{"type":"text","text":"what?"},{"type":"image_url","image_url":{"url":"http://x"}}])");
  CHECK(bound(prompt) > 65536);
  prompt.mutable_messages(0)->set_parts_json(R"([{"type":"text","text":"what?"}])");
  CHECK(bound(prompt) < 1000);
}
