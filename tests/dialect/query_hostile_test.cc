// A query that has passed check() encodes to one JSON object that says nothing twice, in every dialect.
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <vector>

#include "service/dialect/dialect.h"
#include "service/dialect/registry/registry.h"
#include "tests/dialect/golden_case.h"

using namespace harvest;

namespace {

const std::vector<std::string> kOddTexts{"hi", "\"\\\n\t{}[]", std::string("a\0b", 3), "\xF0\x9F\xA6\x9C", "\x7F"};
const std::vector<std::string> kOddParts{
    R"([{"type":"text","text":"a"}])",
    R"( [ {"type":"text","text":""} , {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}} ] )",
    R"([{"type":"image_url","image_url":{"url":"https://e.example/a.png?\"","detail":"low"}}])", "[]"};
const std::vector<std::string> kOddCalls{
    R"([{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"z\": 1.0}"}}])",
    R"([{"id":"c\"2","function":{"name":"f\n","arguments":""}},{"function":{"name":"g","arguments":" {} "}}])", "[]"};
const std::vector<std::string> kOddTools{
    R"([{"type":"function","function":{"name":"f","description":"\"d\"","parameters":{"type":"object"}}}])",
    R"([{"type":"function","function":{"name":"f","strict":true}},{"type":"function","function":{"name":"g"}}])", "[]"};
const std::vector<std::string> kToolChoices{"\"auto\"", "\"none\"", " \"required\" ",
                                            R"({"type":"function","function":{"name":"f"}})"};
const std::vector<std::string> kFormats{
    R"({"type":"text"})", R"( {"type":"json_object"} )",
    R"({"type":"json_schema","json_schema":{"name":"n","schema": {"type":"object"} ,"strict":true}})"};
const std::vector<std::string> kExtras{"{}",
                                       " { } ",
                                       R"({"options":{"num_ctx":1}})",
                                       R"( { "options" : { } , "x y\"": [1, {"a":null}] } )",
                                       R"({"options":{"num_ctx":1, "min_p":0.5},"seed_":-1e5,"t":true})",
                                       R"({"thinking":{"type":"enabled"},"a":"\ud83e\udd9c"})"};

/// Random queries out of odd but legal pieces.
class Queries {
 public:
  void fill(v1::Prompt& prompt, v1::Sampling& sampling) {
    static constexpr const char* kRoles[] = {"system", "user", "assistant", "tool"};
    for (int i = 0, count = 1 + static_cast<int>(random_() % 4); i < count; ++i) {
      v1::Message& message = *prompt.add_messages();
      message.set_role(i + 1 == count ? "user" : kRoles[random_() % 4]);
      if (chance(3)) message.set_parts_json(one_of(kOddParts));
      if (message.parts_json().empty()) message.set_content(one_of(kOddTexts));
      if (message.role() == "assistant" && chance(2)) message.set_tool_calls_json(one_of(kOddCalls));
      if (message.role() == "assistant" && chance(4)) message.set_reasoning_content(one_of(kOddTexts));
      if (message.role() == "tool" && !chance(8)) message.set_tool_call_id(chance(2) ? "c1" : one_of(kOddTexts));
    }
    if (chance(4)) prompt.set_tools_json(one_of(kOddTools));
    if (!prompt.tools_json().empty() && chance(2)) prompt.set_tool_choice_json(one_of(kToolChoices));
    if (chance(2)) sampling.set_temperature(chance(2) ? 0.1 : 1);
    if (chance(4)) sampling.set_top_p(0.9);
    if (chance(8)) sampling.set_top_k(7);
    if (chance(8)) sampling.set_seed(-1 + static_cast<int64_t>(random_() % 3));
    if (chance(8)) sampling.add_stop(one_of(kOddTexts));
    if (!chance(4)) sampling.set_max_output_tokens(1 + random_() % 4'000'000'000);
    if (chance(4)) sampling.set_response_format_json(one_of(kFormats));
    if (chance(8)) sampling.set_reasoning_effort(chance(2) ? "none" : "high");
    if (chance(8)) sampling.set_reasoning_budget_tokens(chance(2) ? 0 : 2048);
    if (chance(8)) sampling.set_top_logprobs(chance(2) ? 0 : 5);
    if (chance(4)) sampling.set_extra_body_json(one_of(kExtras));
  }
  bool chance(int in) { return random_() % in == 0; }

 private:
  const std::string& one_of(const std::vector<std::string>& texts) { return texts[random_() % texts.size()]; }

  std::mt19937 random_{11};
};

/// A key that an object states twice; empty: none. The text is valid JSON.
std::string doubled_key(const std::string& json) {
  std::vector<std::set<std::string>> open;
  for (size_t at = 0; at < json.size(); ++at) {
    if (json[at] == '{' || json[at] == '[') open.emplace_back();
    if (json[at] == '}' || json[at] == ']') open.pop_back();
    if (json[at] != '"') continue;
    const size_t begin = at;
    for (++at; json[at] != '"'; ++at)
      if (json[at] == '\\') ++at;
    const size_t next = json.find_first_not_of(" \t\r\n", at + 1);
    if (next == std::string::npos || json[next] != ':') continue;
    if (std::string key = json.substr(begin, at + 1 - begin); !open.back().insert(key).second) return key;
  }
  return {};
}

}  // namespace

TEST_CASE("what check() lets pass encodes to JSON that says nothing twice", "[dialect][hostile]") {
  for (const std::string_view name : dialect::dialects()) {
    const dialect::Dialect& dialect = *dialect::find_dialect(name);
    Queries queries;
    v1::Teacher teacher;
    teacher.set_model("m\"1");
    teacher.add_endpoints("https://e.example/v1");
    teacher.set_region("us-east-1");
    int passed = 0;
    for (size_t i = 0; i < testing::scaled(4000); ++i) {
      v1::Prompt prompt;
      v1::Sampling sampling;
      queries.fill(prompt, sampling);
      if (!dialect.check(teacher, prompt, sampling).ok()) continue;
      ++passed;
      const dialect::HttpRequest request =
          dialect.encode(teacher, {.prompt = prompt, .sampling = sampling, .stream = queries.chance(2)});
      boost::json::error_code error;
      const boost::json::value body = boost::json::parse(request.body, error);
      if (!error && body.is_object() && doubled_key(request.body).empty()) continue;
      FAIL_CHECK(name << ": " << error.message() << " " << (error ? "" : doubled_key(request.body)) << "\n"
                      << request.body);
    }
    INFO(name);
    CHECK(static_cast<size_t>(passed) * 80 > testing::scaled(4000));
  }
}
