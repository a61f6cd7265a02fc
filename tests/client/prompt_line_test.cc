#include <catch2/catch.hpp>

#include "tests/client/prompt_files.h"

using namespace harvest::client;
namespace v1 = harvest::v1;

namespace {

v1::Prompt prompt_of(const std::string& line, const std::string& template_text = "") {
  const ReadAll all = read_line(line, template_text);
  INFO(line);
  INFO((all.bad_lines.empty() ? "" : all.bad_lines[0]));
  REQUIRE(all.prompts.size() == 1);
  return all.prompts[0];
}

std::string mistake_of(const std::string& line, const std::string& template_text = "") {
  const ReadAll all = read_line(line, template_text);
  INFO(line);
  REQUIRE(all.prompts.empty());
  REQUIRE(all.bad_lines.size() == 1);
  return all.bad_lines[0];
}

std::string batch(const std::string& body) {
  return R"({"custom_id":"q-1","method":"POST","url":"/v1/chat/completions","body":)" + body + "}";
}

const std::string kUser = R"("messages":[{"role":"user","content":"hi"}])";

}  // namespace

TEST_CASE("an OpenAI Batch request gives messages sampling and what else the body holds", "[client]") {
  const v1::Prompt prompt = prompt_of(
      batch(R"({"model":"gpt-x","messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hé"}],)"
            R"("temperature":0.5,"top_p":1,"seed":-7,"stop":["a","b"],"max_tokens":100,"max_completion_tokens":90,)"
            R"("response_format":{"type":"json_object"},"reasoning_effort":"low","logprobs":true,"top_logprobs":2,)"
            R"("frequency_penalty":0.1,"presence_penalty":-0.1,"service_tier":"flex","parallel_tool_calls":false,)"
            R"("tools":[{"type":"function","function":{"name":"f","b":1,"a":2}}],"tool_choice":"auto","stream":true,)"
            R"("n":1,"user":null,"metadata":{"z":1,"a":[true]},"store":false})"));
  CHECK(prompt.custom_id() == "q-1");
  CHECK(prompt.line() == 1);
  CHECK(prompt.file() == "lines.jsonl");
  REQUIRE(prompt.messages_size() == 2);
  CHECK(prompt.messages(1).content() == "hé");
  const v1::Sampling& sampling = prompt.sampling();
  CHECK(sampling.temperature() == 0.5);
  CHECK(sampling.top_p() == 1.0);
  CHECK(sampling.seed() == -7);
  CHECK(sampling.stop_size() == 2);
  CHECK(sampling.max_output_tokens() == 90);
  CHECK(sampling.response_format_json() == R"({"type":"json_object"})");
  CHECK(sampling.reasoning_effort() == "low");
  CHECK(sampling.top_logprobs() == 2);
  CHECK(sampling.presence_penalty() == -0.1);
  CHECK(sampling.service_tier() == "flex");
  CHECK(sampling.has_parallel_tool_calls());
  CHECK(sampling.extra_body_json() == R"({"metadata":{"z":1,"a":[true]},"store":false})");
  CHECK(prompt.tools_json() == R"([{"type":"function","function":{"name":"f","b":1,"a":2}}])");
  CHECK(prompt.tool_choice_json() == R"("auto")");
  CHECK(prompt.fields_json() == R"({"model":"gpt-x"})");
}

TEST_CASE("messages keep their parts tool calls and names", "[client]") {
  const v1::Prompt prompt = prompt_of(
      R"({"messages":[{"role":"user","content":[{"type":"text","text":"x"}],"name":"bob"},)"
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"1","b":2}],"reasoning_content":"hm"},)"
      R"({"role":"tool","content":"4","tool_call_id":"1"}],"id":7,"temperature":0.2,"score":1.50,"big":18446744073709551615})");
  CHECK(prompt.messages(0).parts_json() == R"([{"type":"text","text":"x"}])");
  CHECK(prompt.messages(0).content().empty());
  CHECK(prompt.messages(0).name() == "bob");
  CHECK(prompt.messages(1).tool_calls_json() == R"([{"id":"1","b":2}])");
  CHECK(prompt.messages(1).reasoning_content() == "hm");
  CHECK(prompt.messages(2).tool_call_id() == "1");
  CHECK(prompt.sampling().temperature() == 0.2);
  CHECK(prompt.fields_json() == R"({"big":18446744073709551615,"id":7,"score":1.5})");
}

TEST_CASE("a prompt line is one user message and its other fields are kept in order", "[client]") {
  const v1::Prompt prompt = prompt_of(
      R"({"z":{"b":1,"a":"é\n"},"prompt":"Why?","custom_id":"c","prompt_source":"web","prompt_source_licence":"MIT",)"
      R"("customer":"k","a":null})");
  REQUIRE(prompt.messages_size() == 1);
  CHECK(prompt.messages(0).role() == "user");
  CHECK(prompt.messages(0).content() == "Why?");
  CHECK(prompt.custom_id() == "c");
  CHECK(prompt.source() == "web");
  CHECK(prompt.source_licence() == "MIT");
  CHECK(prompt.customer() == "k");
  CHECK(prompt.fields_json() == R"({"a":null,"z":{"a":"é\n","b":1}})");
  CHECK_FALSE(prompt.has_sampling());
}

TEST_CASE("every form of a line carries the same sampling and vendor fields", "[client]") {
  const std::string fields =
      R"("temperature":0.2,"top_p":0.9,"top_k":5,"seed":3,"max_tokens":20,"reasoning_budget_tokens":1024,)"
      R"("reasoning_effort":"low","stop":["x"],"service_tier":"flex","tools":[{"type":"function"}],)"
      R"("extra_body":{"min_p":0.1,"thinking":{"type":"enabled"}})";
  const v1::Prompt body = prompt_of(batch("{" + kUser + "," + fields + "}"));
  const v1::Prompt messages = prompt_of("{" + kUser + "," + fields + "}");
  const v1::Prompt text = prompt_of(R"({"prompt":"hi",)" + fields + "}");
  CHECK(body.sampling().reasoning_budget_tokens() == 1024);
  CHECK(body.sampling().extra_body_json() == R"({"min_p":0.1,"thinking":{"type":"enabled"}})");
  for (const v1::Prompt* other : {&messages, &text}) {
    CHECK(other->sampling().SerializeAsString() == body.sampling().SerializeAsString());
    CHECK(other->tools_json() == body.tools_json());
    CHECK(other->fields_json().empty());
  }
}

TEST_CASE("a field that shapes answers and would not be sent is wrong, not kept as data", "[client]") {
  for (const std::string& begin : {"{" + kUser, std::string(R"({"prompt":"hi")")}) {
    CHECK(mistake_of(begin + R"(,"min_p":0.1})").find("lines.jsonl:1: min_p: found a field that only some servers") ==
          0);
    CHECK(mistake_of(begin + R"(,"thinking":{"type":"enabled"}})").find("expected it under extra_body") !=
          std::string::npos);
    CHECK(mistake_of(begin + R"(,"n":4})").find("n: found 4, expected 1") != std::string::npos);
    CHECK(mistake_of(begin + R"(,"extra_body":[1]})").find("extra_body: found a list") != std::string::npos);
    CHECK(mistake_of(begin + R"(,"extra_body":{"a":1,"a":2}})").find("extra_body.a: found a second time") !=
          std::string::npos);
    // What somebody thought is data.
    CHECK(prompt_of(begin + R"(,"thinking":"hm"})").fields_json() == R"({"thinking":"hm"})");
  }
  CHECK(mistake_of(batch("{" + kUser + R"(,"min_p":0.1,"extra_body":{"min_p":0.2}})"))
            .find("body.extra_body: found beside") != std::string::npos);
}

TEST_CASE("a template makes the prompt of any object", "[client]") {
  const v1::Prompt prompt = prompt_of(R"({"q":"1+1","n":3,"deep":{"a":[{"b":"x"},7]},"prompt":"kept"})",
                                      "Q: {{q}} {{ n }} {{deep.a.0.b}} {{deep.a}}!");
  CHECK(prompt.messages(0).content() == R"(Q: 1+1 3 x [{"b":"x"},7]!)");
  CHECK(prompt.fields_json() == R"({"deep":{"a":[{"b":"x"},7]},"prompt":"kept"})");
  CHECK(mistake_of(R"({"q":"1"})", "{{q}} {{r.s}}") ==
        "lines.jsonl:1: r.s: found none, but the template uses this field");
  CHECK(mistake_of(R"({"q":null})", "{{q}}").find("q: found none") != std::string::npos);
  CHECK(prompt_of(R"({"turns":["first","second"]})", "{{turns.0}}").messages(0).content() == "first");
  CHECK_FALSE(read_line("{}", "no field").status.ok());
  CHECK_FALSE(read_line("{}", "{{open").status.ok());
  CHECK_FALSE(read_line("{}", "{{}}").status.ok());
}

TEST_CASE("turns are a prompt and what is asked after its answers", "[client][turns]") {
  const v1::Prompt prompt =
      prompt_of(R"({"turns":["one",{"role":"user","content":"two"},"three"],"category":"maths","temperature":0})");
  REQUIRE(prompt.messages_size() == 1);
  CHECK(prompt.messages(0).role() == "user");
  CHECK(prompt.messages(0).content() == "one");
  REQUIRE(prompt.later_turns_size() == 2);
  CHECK(prompt.later_turns(0).content() == "two");
  CHECK(prompt.later_turns(1).role() == "user");
  CHECK(prompt.later_turns(1).content() == "three");
  CHECK(prompt.fields_json() == R"({"category":"maths"})");
  CHECK(prompt.sampling().temperature() == 0);
  CHECK(prompt_of(R"({"turns":["alone"]})").later_turns().empty());
}

TEST_CASE("each malformed line says what was found and what was expected", "[client]") {
  const auto says = [](const std::string& line, const std::string& part) {
    const std::string mistake = mistake_of(line);
    INFO(mistake);
    CHECK(mistake.find("lines.jsonl:1: ") == 0);
    CHECK(mistake.find(part) != std::string::npos);
  };
  says("{\"prompt\": \"a\"", "is not JSON");
  says("{\"prompt\": \"a\"} x", "is not JSON");
  says("[1]", "found a list, expected a JSON object");
  says("\"text\"", "expected a JSON object");
  says("{}", "found an object with no fields, expected messages, prompt, turns or body");
  says(R"({"question":"q","answer":"a"})", "the fields 'question', 'answer'");
  says(R"({"question":"q","answer":"a"})", "--template 'text with {{question}}'");
  says(R"({"prompt":7})", "prompt: found 7, expected a text");
  says(R"({"prompt":""})", "prompt: found an empty text");
  says(R"({"prompt":"a","prompt":"b"})", "prompt: found a second time");
  says(R"({"prompt":"a","x":{"k":1,"k":2}})", "x: found the key 'k' twice");
  says(R"({"prompt":"a","custom_id":3})", "custom_id: found 3, expected a text");
  says("{\"prompt\":\"\xff\xfe\"}", "is not JSON");
  says(R"({"prompt":"\ud800"})", "is not JSON");
  says(R"({"messages":[]})", "messages: found an empty list");
  says(R"({"turns":[]})", "turns: found an empty list, expected at least one turn");
  says(R"({"turns":"a"})", "turns: found 'a', expected a list of texts");
  says(R"({"turns":["a",7]})", "turns[1]: found 7, expected a text, or a message of the role user");
  says(R"({"turns":["a",""]})", "turns[1]: found an empty text");
  says(R"({"turns":[{"role":"assistant","content":"a"}]})", "turns[0].role: found 'assistant', expected user");
  says(R"({"messages":"hi"})", "messages: found 'hi', expected a list");
  says(R"({"messages":["hi"]})", "messages[0]: found 'hi', expected an object");
  says(R"({"messages":[{"role":"user","content":"a"},{"role":"bot","content":"a"}]})",
       "messages[1].role: found 'bot', expected system, developer, user, assistant or tool");
  says(R"({"messages":[{"role":"user"}]})", "messages[0].content: found none");
  says(R"({"messages":[{"role":"user","content":7}]})", "messages[0].content: found 7, expected a text or a list");
  says(R"({"messages":[{"role":"user","content":"a","weight":1}]})", "messages[0].'weight': found an unknown field");
  says(R"({"messages":[{"role":"user","role":"user","content":"a"}]})", "role: found a second time");
  says(batch("{" + kUser + R"(,"n":2})"), "body.n: found 2, expected 1: ask for more answers with --samples N");
  says(batch("{" + kUser + R"(,"temperature":"hot"})"), "body.temperature: found 'hot', expected a number");
  says(batch("{" + kUser + R"(,"max_tokens":0})"), "body.max_tokens: found 0");
  says(batch("{" + kUser + R"(,"max_tokens":-5})"), "body.max_tokens: found -5");
  says(batch("{" + kUser + R"(,"stop":[1]})"), "body.stop: found 1");
  says(batch(R"({"prompt":"legacy"})"), "body.messages: found none");
  says(batch("7"), "body: found 7, expected an object");
  says(R"({"custom_id":"a","method":"GET","url":"/v1/chat/completions","body":{}})", "method: found 'GET'");
  says(R"({"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{}})", "url: found '/v1/embeddings'");
}
