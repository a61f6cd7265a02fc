#include <catch2/catch.hpp>
#include <limits>

#include "tests/dialect/refusal.h"

using namespace harvest;
using testing::question;

namespace {

std::string chat_complaint(const v1::Prompt& prompt, const v1::Sampling& sampling = {}) {
  return testing::complaint("openai-chat", prompt, sampling);
}

std::string chat_complaint_about_extra(const std::string& extra) {
  v1::Sampling sampling;
  sampling.set_extra_body_json(extra);
  return chat_complaint(question(), sampling);
}

}  // namespace

TEST_CASE("a plain question passes", "[dialect]") {
  CHECK(chat_complaint(question()).empty());
}

TEST_CASE("what the dialect cannot say is refused by the field's name", "[dialect]") {
  v1::Sampling sampling;
  sampling.set_top_k(40);
  CHECK(chat_complaint(question(), sampling).starts_with("top_k: "));
}

TEST_CASE("a prompt without messages is refused", "[dialect]") {
  CHECK(chat_complaint({}).starts_with("messages: "));
}

TEST_CASE("a message at fault is named by its number", "[dialect]") {
  v1::Prompt prompt = question();
  v1::Message& second = *prompt.add_messages();
  SECTION("no role") {
    CHECK(chat_complaint(prompt).starts_with("messages[1].role: "));
  }
  second.set_role("user");
  SECTION("parts that are no array") {
    second.set_parts_json("{}");
    CHECK(chat_complaint(prompt) == "messages[1].content: expected an array of parts");
  }
  SECTION("parts that would close the request and begin another") {
    second.set_parts_json(R"([]}],"n":100,"x":[{"y":[])");
    CHECK(chat_complaint(prompt) == "messages[1].content: not valid JSON");
  }
  SECTION("both text and parts") {
    second.set_content("x");
    second.set_parts_json("[]");
    CHECK(chat_complaint(prompt).starts_with("messages[1].content: "));
  }
}

TEST_CASE("numbers that JSON cannot hold are refused", "[dialect]") {
  v1::Sampling sampling;
  sampling.set_temperature(std::numeric_limits<double>::quiet_NaN());
  CHECK(chat_complaint(question(), sampling).starts_with("temperature: "));
  sampling.set_temperature(1);
  sampling.set_top_p(std::numeric_limits<double>::infinity());
  CHECK(chat_complaint(question(), sampling).starts_with("top_p: "));
}

TEST_CASE("an extra field that would change the cost is refused by name", "[dialect]") {
  for (const char* key : {"n", "max_tokens", "max_completion_tokens", "stream", "best_of", "model", "messages"}) {
    const std::string extra = std::string("{\"top_k\":1,\"") + key + "\":1}";
    CHECK(chat_complaint_about_extra(extra).starts_with(std::string("extra_body.") + key + ": "));
  }
  CHECK(chat_complaint_about_extra(R"({"top_k":40,"min_p":0.1})").empty());
}

TEST_CASE("an escaped key does not slip past", "[dialect]") {
  CHECK(chat_complaint_about_extra(R"({"\u006e":100})").starts_with("extra_body.n: "));
}

TEST_CASE("fragments that are no JSON of their kind are refused", "[dialect]") {
  CHECK(chat_complaint_about_extra("[]") == "extra_body: expected an object");
  CHECK(chat_complaint_about_extra("{") == "extra_body: not valid JSON");
  CHECK(chat_complaint_about_extra("{} {}") == "extra_body: not valid JSON");
  v1::Prompt prompt = question();
  prompt.set_tools_json("{}");
  CHECK(chat_complaint(prompt) == "tools: expected an array of tools");
  prompt = question();
  prompt.set_tool_choice_json("auto");
  CHECK(chat_complaint(prompt) == "tool_choice: not valid JSON");
}

TEST_CASE("dialects are found by name and by no other", "[dialect]") {
  CHECK(dialect::find_dialect("openai-chat") != nullptr);
  CHECK(dialect::find_dialect("openai") == nullptr);
  for (const std::string_view name : dialect::dialects()) CHECK(dialect::find_dialect(name)->name() == name);
  CHECK(dialect::find_dialect("openai-chat")->credential({}, "k").header.second == "Bearer k");
}

TEST_CASE("a schema that is none is refused at its place, wherever it stands and whoever is asked", "[dialect]") {
  const auto about_schema = [](const std::string& schema) {
    v1::Sampling sampling;
    sampling.set_response_format_json(R"({"type":"json_schema","json_schema":{"name":"n","schema":)" + schema + "}}");
    return chat_complaint(question(), sampling);
  };
  const std::string place = "response_format.json_schema.schema";
  CHECK(about_schema(R"({"type":"object","properties":{"a":{"type":["string","null"]}},"required":["a"],)"
                     R"("$defs":{"x":{"const":1}},"additionalProperties":false})")
            .empty());
  CHECK(about_schema(R"({"type":5,"properties":[]})").starts_with(place + "."));
  CHECK(about_schema(R"({"type":"text"})").starts_with(place + ".type: "));
  CHECK(about_schema(R"({"properties":{"a":{"type":"object","required":"b"}}})")
            .starts_with(place + ".properties.a.required: "));
  CHECK(about_schema(R"({"minLength":-1})").starts_with(place + ".minLength: "));
  CHECK(about_schema(R"({"$ref":7})").starts_with(place + "."));
  // Found unsound once, it is so the next time too.
  CHECK(about_schema(R"({"type":"text"})").starts_with(place + ".type: "));
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += R"({"not":)";
  CHECK(about_schema(deep + "{}" + std::string(300, '}')).starts_with(place + ": "));
}

TEST_CASE("a tool is an object with a name, its parameters are a schema, also where tools go as they are",
          "[dialect]") {
  const auto about_tools = [](const char* dialect, const std::string& tools) {
    v1::Prompt prompt = question();
    prompt.set_tools_json(tools);
    return std::string(dialect::find_dialect(dialect)->check({}, prompt, {}).message());
  };
  for (const char* dialect : {"openai-chat", "mistral", "anthropic-messages", "gemini", "ollama"}) {
    INFO(dialect);
    CHECK(about_tools(dialect, "[1]").starts_with("tools[0]: "));
    CHECK(about_tools(dialect, R"([{"type":"function"}])").starts_with("tools[0].function: "));
    CHECK(about_tools(dialect, R"([{"type":"function","function":{"parameters":{}}}])")
              .starts_with("tools[0].function.name: "));
    CHECK(about_tools(dialect, R"([{"type":"function","function":{"name":"f","parameters":[1]}}])")
              .starts_with("tools[0].function.parameters: "));
    CHECK(about_tools(dialect, R"([{"type":"function","function":{"name":"f","parameters":{"type":"thing"}}}])")
              .starts_with("tools[0].function.parameters.type: "));
    CHECK(about_tools(dialect, R"([{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}])")
              .empty());
  }
  // What only the server knows goes to it as it is.
  CHECK(about_tools("openai-chat", R"([{"type":"custom","custom":{"name":"f"}}])").empty());
  CHECK(about_tools("openai-chat", R"([{"name":"f"}])").starts_with("tools[0].type: "));
}
