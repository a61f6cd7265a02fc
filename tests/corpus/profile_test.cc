#include "storage/corpus/profile.h"

#include <catch2/catch.hpp>

#include "tests/corpus/pair_fixture.h"

using namespace harvest;
using namespace harvest::corpus;

namespace {

constexpr char kCalls[] =
    R"([{"id":"c1","type":"function","function":{"name":"add","arguments":"{\"a\":2,\"b\":\"2\"}"}}])";

/// Empty where the profile has no words for it.
std::string row(const PairFixture& pair, const char* profile) {
  std::string out = "before ";
  const bool said = append_row(out, parse_profile(profile).value(), pair.facts());
  CHECK(out.starts_with("before "));
  CHECK(said == (out.size() > 7));
  return out.substr(7);
}

struct WithTools : PairFixture {
  WithTools() {
    prompt.set_tools_json(R"([{"type":"function","function":{"name":"add"}}])");
    message.set_content("");
    message.set_tool_calls_json(kCalls);
  }
};

}  // namespace

TEST_CASE("trainers that read messages get texts in every field", "[corpus][profile]") {
  PairFixture pair;
  pair.message.set_reasoning_content("two and two");
  for (const char* profile : {"trl", "axolotl"})
    CHECK(row(pair, profile) ==
          R"({"record_id":"r_01JD0000000000000000000001","messages":[)"
          R"({"role":"system","content":"Be brief.","reasoning_content":""},)"
          R"({"role":"user","content":"2+2?","reasoning_content":""},)"
          R"({"role":"assistant","content":"4","reasoning_content":"two and two"}],"tools":"[]"})");
}

TEST_CASE("what was asked and what was answered stand apart for prompt-completion", "[corpus][profile]") {
  CHECK(row(PairFixture(), "prompt-completion") ==
        R"({"record_id":"r_01JD0000000000000000000001","prompt":[)"
        R"({"role":"system","content":"Be brief.","reasoning_content":""},)"
        R"({"role":"user","content":"2+2?","reasoning_content":""}],)"
        R"("completion":[{"role":"assistant","content":"4","reasoning_content":""}],"tools":"[]"})");
}

TEST_CASE("the openai profile holds nothing that its upload refuses", "[corpus][profile]") {
  PairFixture pair;
  pair.message.set_reasoning_content("two and two");
  pair.prompt.mutable_messages(1)->set_content("");
  pair.prompt.mutable_messages(1)->set_parts_json(R"([{"type":"text","text":"2+2?"}])");
  CHECK(row(pair, "openai") ==
        R"({"messages":[{"role":"system","content":"Be brief."},)"
        R"({"role":"user","content":[{"type":"text","text":"2+2?"}]},{"role":"assistant","content":"4"}]})");
  CHECK(row(WithTools(), "openai") ==
        R"({"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"2+2?"},)"
        R"({"role":"assistant","tool_calls":)" +
            std::string(kCalls) + R"(}],"tools":[{"type":"function","function":{"name":"add"}}]})");
}

TEST_CASE("arguments of tool calls are texts or objects as the trainer wants them", "[corpus][profile]") {
  const std::string text = R"("arguments":"{\"a\":2,\"b\":\"2\"}")", object = R"("arguments":{"a":2,"b":"2"})";
  for (const char* profile : {"trl", "axolotl", "prompt-completion", "openai"}) {
    INFO(profile);
    CHECK(row(WithTools(), profile).find(text) != std::string::npos);
  }
  for (const char* profile : {"llama-factory", "nemo"}) {
    INFO(profile);
    CHECK(row(WithTools(), profile).find(object) != std::string::npos);
  }
  CHECK(row(WithTools(), "trl").find(R"("tools":"[{\"type\":)") != std::string::npos);
  CHECK(row(WithTools(), "nemo").find(R"("tools":[{"type":)") != std::string::npos);
  WithTools broken;
  broken.message.set_tool_calls_json(R"([{"function":{"name":"add","arguments":"{\"a\":"}}])");
  CHECK(row(broken, "nemo").empty());
  CHECK_FALSE(row(broken, "trl").empty());
}

TEST_CASE("a row is one line, whatever line ends a vendor puts into its JSON", "[corpus][profile]") {
  WithTools pair;
  pair.message.set_tool_calls_json(
      "[\n  {\"function\": {\"name\": \"add\", \"arguments\": \"{\\n \\\"a\\\": 1}\"}}\r\n]");
  for (const char* profile : {"trl", "axolotl", "prompt-completion", "openai", "llama-factory", "nemo"}) {
    INFO(profile);
    const std::string line = row(pair, profile);
    CHECK_FALSE(line.empty());
    CHECK(line.find_first_of("\r\n") == std::string::npos);
    CHECK(line.find(R"("name":"add")") != std::string::npos);
  }
  pair.prompt.set_tools_json("[]}\n{\"messages\":[]");
  CHECK(row(pair, "nemo").empty());
}

TEST_CASE("content that was given in parts of text is text, and what is not text has no words", "[corpus][profile]") {
  PairFixture pair;
  pair.prompt.mutable_messages(1)->set_content("");
  pair.prompt.mutable_messages(1)->set_parts_json(R"([{"type":"text","text":"2+"},{"type":"text","text":"2?"}])");
  for (const char* profile : {"trl", "axolotl", "llama-factory", "nemo", "prompt-completion"}) {
    INFO(profile);
    CHECK(row(pair, profile).find(R"("role":"user","content":"2+2?")") != std::string::npos);
  }
  pair.prompt.mutable_messages(1)->set_parts_json(R"([{"type":"image_url","image_url":{"url":"http://x/y.png"}}])");
  CHECK(row(pair, "trl").empty());
  CHECK(row(pair, "openai").find("image_url") != std::string::npos);
}

TEST_CASE("arguments that become objects keep every character", "[corpus][profile]") {
  WithTools pair;
  pair.message.set_tool_calls_json(
      R"([{"function":{"name":"a","arguments":"{\"id\":123456789012345678901234, \"x\":1e300}"}},)"
      R"({"function":{"name":"b","arguments":""}}])");
  const std::string said = row(pair, "nemo");
  CHECK(said.find(R"("arguments":{"id":123456789012345678901234, "x":1e300})") != std::string::npos);
  CHECK(said.find(R"("arguments":{}})") != std::string::npos);
}

TEST_CASE("LLaMA-Factory gets reasoning inside the text and no row that it would drop", "[corpus][profile]") {
  PairFixture pair;
  pair.message.set_reasoning_content("two and two");
  CHECK(row(pair, "llama-factory").find(R"("content":"<think>\ntwo and two\n</think>\n\n4")") != std::string::npos);
  CHECK(row(pair, "llama-factory").find("reasoning_content") == std::string::npos);
  pair.add_message("user", "and again?");  // two turns of the user
  CHECK(row(pair, "llama-factory").empty());
  CHECK_FALSE(row(pair, "nemo").empty());
}

TEST_CASE("rows are checked by their profile", "[corpus][profile]") {
  std::string id;
  for (const char* name : {"trl", "axolotl", "llama-factory", "nemo", "openai", "prompt-completion"}) {
    INFO(name);
    const Profile profile = parse_profile(name).value();
    CHECK(profile_name(profile) == name);
    CHECK(check_row(profile, row(PairFixture(), name), id).empty());
    CHECK(id == (profile == Profile::kOpenai ? "" : "r_01JD0000000000000000000001"));
    CHECK(check_row(profile, R"({"messages":"no list","prompt":1})", id).size() >= 1);
    CHECK(check_row(profile, "[]", id).size() == 1);
    CHECK(check_row(profile, R"({"messages":)", id).size() == 1);
  }
}

TEST_CASE("a profile that there is not is refused with those that there are", "[corpus][profile]") {
  CHECK(std::string(parse_profile("hf").status().message()) ==
        "profile: found \"hf\", expected none (all columns) or one of trl, axolotl, llama-factory, nemo, openai, "
        "prompt-completion, preference, soft-labels");
  CHECK(parse_profile("").value() == Profile::kRecord);
}

TEST_CASE("what opens plain files only is given no packed ones", "[corpus][profile]") {
  CHECK(default_format(Profile::kNemo) == ShardFormat::kJsonl);
  CHECK(default_format(Profile::kTrl) == ShardFormat::kJsonlGz);
  CHECK(check_format(Profile::kTrl, ShardFormat::kJsonlZst).ok());
  CHECK(std::string(check_format(Profile::kNemo, ShardFormat::kJsonlGz).message()) ==
        "format: found jsonl.gz, expected jsonl: nemo opens plain files only");
}
