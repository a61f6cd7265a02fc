#include "service/quality/labels/schema_check.h"

#include <catch2/catch.hpp>

#include "tests/quality/labels/judging.h"

using namespace harvest;
using namespace harvest::quality;

using Verdict = SchemaCheck::Verdict;

namespace {

const SchemaCheck& checker() {
  static const SchemaCheck check;
  return check;
}

Verdict output(const std::string& answer, const std::string& schema) {
  Judging judging(answer);
  judging.response_format = R"({"type":"json_schema","json_schema":{"name":"n","schema":)" + schema + "}}";
  return checker().check(*judging);
}

Verdict call(const std::string& name, const std::string& arguments) {
  Judging judging;
  judging.prompt.set_tools_json(
      R"([{"type":"function","function":{"name":"add","parameters":{"type":"object",)"
      R"("properties":{"a":{"type":"integer"}},"required":["a"]}}},{"type":"function","function":{"name":"now"}}])");
  judging.message.set_tool_calls_json(R"([{"id":"1","type":"function","function":{"name":")" + name +
                                      R"(","arguments":")" + arguments + R"("}}])");
  return checker().check(*judging);
}

constexpr char kSchema[] = R"({"type":"object","properties":{"n":{"type":"integer","minimum":1}},"required":["n"]})";

}  // namespace

TEST_CASE("a structured output is held to its schema", "[labels]") {
  CHECK(output(R"({"n":2})", kSchema) == Verdict::kValid);
  CHECK(output(R"({"n":0})", kSchema) == Verdict::kInvalid);
  CHECK(output(R"({"m":2})", kSchema) == Verdict::kInvalid);
  CHECK(output("n is 2", kSchema) == Verdict::kInvalid);
  CHECK(output(R"({"n":2)", kSchema) == Verdict::kInvalid);
}

TEST_CASE("nothing is said where nothing was asked for, or the vendor refused", "[labels]") {
  CHECK(checker().check(*Judging("{}")) == Verdict::kUnchecked);
  Judging judging("No.");
  judging.response_format = R"({"type":"json_object"})";
  CHECK(checker().check(*judging) == Verdict::kInvalid);
  judging.message.set_content(R"({"any":1})");
  CHECK(checker().check(*judging) == Verdict::kValid);
  judging.refused = true;
  CHECK(checker().check(*judging) == Verdict::kUnchecked);
  judging = Judging("text");
  judging.response_format = R"({"type":"text"})";
  CHECK(checker().check(*judging) == Verdict::kUnchecked);
}

TEST_CASE("a tool call is held to the tool that was offered", "[labels]") {
  CHECK(call("add", R"({\"a\":1})") == Verdict::kValid);
  CHECK(call("add", R"({\"a\":\"one\"})") == Verdict::kInvalid);
  CHECK(call("add", R"({\"a\":)") == Verdict::kInvalid);
  CHECK(call("subtract", "{}") == Verdict::kInvalid);
  CHECK(call("now", "{}") == Verdict::kValid);
}

TEST_CASE("what is beyond the library is not checked, and harms nobody", "[labels]") {
  CHECK(output("{}", R"({"$ref":"http://elsewhere.example/schema"})") == Verdict::kUnchecked);
  CHECK(output("{}", R"({"$ref":"#/definitions/none"})") == Verdict::kUnchecked);
  // References that lead to themselves, at once or by and by.
  CHECK(output("{}", R"({"$ref":"#"})") == Verdict::kUnchecked);
  CHECK(output("{}", R"({"allOf":[{"not":{"$ref":"#"}}]})") == Verdict::kUnchecked);
  std::string doubling = R"({"definitions":{"d0":{)";
  for (int i = 1; i < 40; ++i) {
    const std::string next = R"({"$ref":"#/definitions/d)" + std::to_string(i) + "\"}";
    doubling += R"("allOf":[)" + next + ',' + next + R"(]},"d)" + std::to_string(i) + R"(":{)";
  }
  CHECK(output("{}", doubling + R"(}},"$ref":"#/definitions/d0"})") == Verdict::kUnchecked);
  // A pattern that takes a backtracking engine for ever, or its stack.
  CHECK(output('"' + times("a", 100'000) + '"', R"({"type":"string","pattern":"^(a+)+$"})") == Verdict::kValid);
  CHECK(output(R"({"x1":2})", R"({"type":"object","patternProperties":{"^x":{}},"additionalProperties":false})") ==
        Verdict::kValid);
  CHECK(output(times("[", 5'000), R"({"type":"array"})") == Verdict::kInvalid);
  // Behind names that look like words whose value is no schema, and behind references to such.
  CHECK(output(R"({"default":")" + times("a", 100'000) + "\"}",
               R"({"properties":{"default":{"type":"string","pattern":"^(.|\\n)*$"}}})") == Verdict::kValid);
  CHECK(output('"' + times("a", 100'000) + '"', R"({"$ref":"#/default","default":{"pattern":"^(.|\\n)*$"}})") ==
        Verdict::kValid);
  CHECK(output("4", R"({"multipleOf":0})") == Verdict::kValid);
  CHECK(output("4", R"({"multipleOf":3})") == Verdict::kInvalid);
  // References that others read otherwise.
  CHECK(output(R"({"x":1})", R"({"properties":{"x":{"$ref":"#/definitions/%41"}},)"
                             R"("definitions":{"%41":{},"A":{"$ref":"#/definitions/%41"}}})") == Verdict::kUnchecked);
  CHECK(output("1", R"({"a":{"":{},"$ref":"#/a/"},"$ref":"#/a/"})") == Verdict::kUnchecked);
  // Twice as much on each level.
  std::string nested = "1";
  for (int i = 0; i < 50; ++i) nested = R"({"a":)" + nested + '}';
  CHECK(output(nested, R"({"properties":{"a":{"allOf":[{"$ref":"#"},{"$ref":"#"}]}}})") != Verdict::kInvalid);
  CHECK(output(times("[", 50) + times("]", 50), R"({"type":"array","items":{"$ref":"#"},"uniqueItems":true})") ==
        Verdict::kValid);
  std::string wide = R"({"anyOf":[)";
  for (int i = 0; i < 5000; ++i) wide += (i == 0 ? "{\"const\":" : ",{\"const\":") + std::to_string(i) + '}';
  CHECK(output("1", wide + "]}") == Verdict::kUnchecked);
  // A reference within is what it leads to.
  CHECK(output(R"({"p":{"n":0}})", R"({"properties":{"p":{"$ref":"#/$defs/P"}},"$defs":{"P":{"properties":)"
                                   R"({"n":{"minimum":1}}}}})") == Verdict::kInvalid);
  // A property may bear the name of a word of schemas.
  CHECK(output(R"({"pattern":1})", R"({"type":"object","properties":{"pattern":{"type":"string"}}})") ==
        Verdict::kInvalid);
  CHECK(output(R"({"next":{"next":{}}})", R"({"type":"object","properties":{"next":{"$ref":"#"}}})") ==
        Verdict::kValid);
}
