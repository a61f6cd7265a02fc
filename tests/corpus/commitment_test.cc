#include "storage/corpus/commitment.h"

#include <catch2/catch.hpp>

#include "tests/corpus/pair_fixture.h"

using namespace harvest;
using namespace harvest::corpus;

namespace {

std::string counting_salt() {
  std::string salt;
  for (char i = 0; i < 32; ++i) salt += i;
  return salt;
}

v1::Message said(std::string role, std::string content) {
  v1::Message message;
  message.set_role(std::move(role));
  message.set_content(std::move(content));
  return message;
}

}  // namespace

TEST_CASE("SHA-256 gives the standard's vectors", "[corpus]") {
  CHECK(hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(tagged(sha256("abc")) == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 pieces;
  pieces.add("a");
  pieces.add("bc");
  CHECK(pieces.finish() == sha256("abc"));
  pieces.add("abc");
  CHECK(pieces.finish() == sha256("abc"));
}

TEST_CASE("the commitment is that of the published vector", "[corpus]") {
  v1::Prompt prompt;
  *prompt.add_messages() = said("user", "2+2?");
  const v1::Message answer = said("assistant", "4");
  std::string record;
  append_canonical_record(record, prompt.messages(), answer, "01J", "acme/t1");
  CHECK(
      record ==
      R"({"messages":[{"content":"2+2?","role":"user"},{"content":"4","role":"assistant"}],"record_id":"01J","teacher_id":"acme/t1"})");
  CHECK(hex(commit(counting_salt(), prompt.messages(), answer, "01J", "acme/t1")) ==
        "6a4c68cf402faa2e7270420517d30879a934d23ebdb449fdcfc2b043d17f1a7e");
}

TEST_CASE("the commitment covers everything that a message holds", "[corpus]") {
  v1::Prompt prompt;
  *prompt.add_messages() = said("user", "2+2?");
  const v1::Message plain = said("assistant", "4");
  const auto committed = [&](const v1::Message& answer) {
    return commit(counting_salt(), prompt.messages(), answer, "01J", "acme/t1");
  };
  v1::Message thinking = plain, calling = plain, parts = said("assistant", "");
  thinking.set_reasoning_content("sum");
  calling.set_tool_calls_json("[]");
  parts.set_parts_json(R"([{"type":"text","text":"4"}])");
  CHECK(committed(thinking) != committed(plain));
  CHECK(committed(calling) != committed(plain));
  CHECK(committed(parts) != committed(plain));
  CHECK(committed(plain) == committed(said("assistant", "4")));
  CHECK(commit(std::string(32, 'x'), prompt.messages(), plain, "01J", "acme/t1") != committed(plain));
}

TEST_CASE("random bytes come in the number asked for and differ", "[corpus]") {
  const auto one = random_bytes(32), two = random_bytes(32);
  REQUIRE(one.ok());
  REQUIRE(two.ok());
  CHECK(one->size() == 32);
  CHECK(*one != *two);
}
