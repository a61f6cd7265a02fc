#include "service/quality/labels/prompt_data.h"

#include <catch2/catch.hpp>
#include <functional>

#include "tests/quality/labels/judging.h"

using namespace harvest;
using namespace harvest::quality;

TEST_CASE("personal data of a prompt is told by rule and place, never by its text", "[labels]") {
  Judging judging("", "I am ana@mail.org.");
  judging.prompt.add_later_turns()->set_content("and call +49 30 1234567");
  judging.prompt.set_tools_json(R"([{"type":"function","function":{"name":"f","description":"8.8.8.8"}}])");
  CHECK(tell_personal_data(judging.prompt) == "email in messages[0].content, ipv4 in tools, phone in turns[1].content");
  CHECK(tell_personal_data(Judging("", "What is 2+2?").prompt).empty());
}

TEST_CASE("masks take the place of texts, the same for the same, and can be taken back", "[labels]") {
  const std::string asked = "Mail ana@mail.org and bob@mail.org, then ana@mail.org from 8.8.8.8.";
  Judging judging("", asked);
  v1::Prompt& prompt = judging.prompt;
  prompt.add_later_turns()->set_content("Who is bob@mail.org?");
  REQUIRE(mask_personal_data(prompt).ok());
  CHECK(prompt.messages(0).content() == "Mail [EMAIL_1] and [EMAIL_2], then [EMAIL_1] from [IPV4_1].");
  CHECK(prompt.later_turns(0).content() == "Who is [EMAIL_2]?");
  REQUIRE(prompt.masks_size() == 3);
  CHECK(prompt.masks(0).placeholder() == "[EMAIL_1]");
  CHECK(prompt.masks(0).text() == "ana@mail.org");
  CHECK(prompt.masks(0).rule() == "email");
  CHECK(unmasked(prompt.messages(0).content(), prompt) == asked);
  CHECK(tell_personal_data(prompt).empty());
  // Masked already: nothing more to do.
  REQUIRE(mask_personal_data(prompt).ok());
  CHECK(prompt.masks_size() == 3);
}

TEST_CASE("a placeholder that the prompt has of itself is left to it", "[labels]") {
  Judging judging("", "Replace [EMAIL_1] by ana@mail.org.");
  REQUIRE(mask_personal_data(judging.prompt).ok());
  CHECK(judging.prompt.messages(0).content() == "Replace [EMAIL_1] by [EMAIL_2].");
}

TEST_CASE("fields that are published beside the prompt are masked as its text is", "[labels]") {
  Judging judging("", "Write to ana@mail.org.");
  judging.prompt.set_fields_json(R"({"user":{"email":"ana@mail.org","cc":"bob@mail.org"}})");
  REQUIRE(mask_personal_data(judging.prompt).ok());
  CHECK(judging.prompt.fields_json() == R"({"user":{"email":"[EMAIL_1]","cc":"[EMAIL_2]"}})");
}

TEST_CASE("what a line asks for beside its messages is looked at, and so is what parts hold beside texts", "[labels]") {
  const auto refused = [](const std::function<void(v1::Prompt&)>& change) {
    Judging judging("", "2+2?");
    change(judging.prompt);
    CHECK_FALSE(tell_personal_data(judging.prompt).empty());
    return std::string(mask_personal_data(judging.prompt).message());
  };
  CHECK(refused([](v1::Prompt& p) {
          p.mutable_sampling()->set_extra_body_json(R"({"user":"ana@mail.org"})");
        }).find("email in extra_body") != std::string::npos);
  CHECK(refused([](v1::Prompt& p) { p.mutable_sampling()->add_stop("ana@mail.org"); }).find("email in stop") !=
        std::string::npos);
  CHECK(refused([](v1::Prompt& p) {
          p.mutable_messages(0)->set_parts_json(R"([{"type":"file","file":{"filename":"of ana@mail.org"}}])");
        }).find("email in messages[0].content[].file") != std::string::npos);
}

TEST_CASE("text parts are masked, pictures are left alone", "[labels]") {
  Judging judging;
  v1::Message& message = *judging.prompt.mutable_messages(0);
  message.clear_content();
  message.set_parts_json(
      R"([{"type":"text","text":"I am \"ana@mail.org\""},{"type":"image_url","image_url":{"url":"http://8.8.8.8/a.png"}}])");
  REQUIRE(mask_personal_data(judging.prompt).ok());
  CHECK(
      message.parts_json() ==
      R"([{"type":"text","text":"I am \"[EMAIL_1]\""},{"type":"image_url","image_url":{"url":"http://8.8.8.8/a.png"}}])");
  const std::string untouched = R"([ {"type": "text", "text": "2+2?"} ])";
  message.set_parts_json(untouched);
  REQUIRE(mask_personal_data(judging.prompt).ok());
  CHECK(message.parts_json() == untouched);
}

TEST_CASE("what stands where nothing can be masked is refused by rule and place", "[labels]") {
  Judging judging;
  judging.prompt.set_tools_json(R"([{"function":{"description":"ask ana@mail.org"}}])");
  const absl::Status status = mask_personal_data(judging.prompt);
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(status.message() == "personal data: found email in tools, where it cannot be masked; expected none");
}
