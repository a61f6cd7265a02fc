// What bedrock-converse refuses at submit, and how it shows a key.
#include <catch2/catch.hpp>
#include <functional>

#include "service/dialect/bedrock/bedrock_credential.h"
#include "service/dialect/bedrock/sigv4.h"
#include "service/dialect/dialect.h"
#include "service/dialect/registry/registry.h"

using namespace harvest;

namespace {

constexpr int64_t kSignedAtUs = 1440938160'000000;  // 2015-08-30 12:36:00 UTC

const dialect::Dialect& converse() {
  return *dialect::find_dialect("bedrock-converse");
}

v1::Teacher converse_teacher(const std::string& endpoint = "https://bedrock-runtime.eu-west-1.amazonaws.com") {
  v1::Teacher made;
  made.set_model("m");
  made.add_endpoints(endpoint);
  return made;
}

v1::Message message(const std::string& role, const std::string& content) {
  v1::Message made;
  made.set_role(role);
  made.set_content(content);
  return made;
}

/// A query that is fine, to be spoilt.
struct ConverseQuery {
  v1::Prompt prompt;
  v1::Sampling sampling;

  ConverseQuery() { add(message("user", "hi")); }
  v1::Message& add(v1::Message made) { return *prompt.add_messages() = std::move(made); }
  /// The words of the refusal; empty: none.
  std::string refusal(const v1::Teacher& asked = converse_teacher()) const {
    return std::string(converse().check(asked, prompt, sampling).message());
  }
};

template <typename Spoil>
std::string refusal_when(Spoil spoil) {
  ConverseQuery query;
  spoil(query);
  return query.refusal();
}

void add_image(ConverseQuery& query, const std::string& url, const std::string& more = "") {
  v1::Message made;
  made.set_role("user");
  made.set_parts_json(R"([{"type":"image_url","image_url":{"url":")" + url + "\"" + more + "}}]");
  query.add(made);
}

constexpr char kConverseTools[] = R"([{"type":"function","function":{"name":"w"}}])";
constexpr char kConverseCalls[] = R"([{"id":"1","type":"function","function":{"name":"w","arguments":"{}"}}])";

}  // namespace

TEST_CASE("Bedrock's sampling that cannot be said is refused by name", "[dialect][bedrock]") {
  CHECK(ConverseQuery().refusal().empty());
  using Sampling = v1::Sampling;
  const std::vector<std::pair<std::string, std::function<void(Sampling&)>>> cases{
      {"temperature", [](Sampling& s) { s.set_temperature(1.5); }},
      {"top_p", [](Sampling& s) { s.set_top_p(1.1); }},
      {"top_k", [](Sampling& s) { s.set_top_k(5); }},
      {"seed", [](Sampling& s) { s.set_seed(1); }},
      {"frequency_penalty", [](Sampling& s) { s.set_frequency_penalty(0); }},
      {"presence_penalty", [](Sampling& s) { s.set_presence_penalty(0); }},
      {"logprobs", [](Sampling& s) { s.set_top_logprobs(0); }},
      {"parallel_tool_calls", [](Sampling& s) { s.set_parallel_tool_calls(false); }},
      {"reasoning_budget_tokens", [](Sampling& s) { s.set_reasoning_budget_tokens(0); }},
      {"reasoning_effort", [](Sampling& s) { s.set_reasoning_effort("none"); }},
      {"service_tier", [](Sampling& s) { s.set_service_tier("auto"); }},
      {"response_format", [](Sampling& s) { s.set_response_format_json(R"({"type":"json_object"})"); }},
      {"response_format.json_schema.strict",
       [](Sampling& s) {
         s.set_response_format_json(R"({"type":"json_schema","json_schema":{"strict":false,"schema":{}}})");
       }},
      {"stop", [](Sampling& s) {
         for (int i = 0; i < 2501; ++i) s.add_stop("x");
       }}};
  for (const auto& [field, spoil] : cases) {
    INFO(field);
    ConverseQuery query;
    spoil(query.sampling);
    CHECK(query.refusal().starts_with(field + ":"));
  }
}

TEST_CASE("extra_body may not say what the request says, nor what raises the cost", "[dialect][bedrock]") {
  const auto refusal = [](const std::string& extra, const std::string& effort = "") {
    ConverseQuery query;
    query.sampling.set_extra_body_json(extra);
    if (!effort.empty()) query.sampling.set_reasoning_effort(effort);
    return query.refusal();
  };
  for (const char* key : {"modelId", "messages", "system", "toolConfig", "inferenceConfig", "serviceTier",
                          "performanceConfig", "promptVariables", "stream"}) {
    INFO(key);
    CHECK(refusal("{\"" + std::string(key) + "\":{}}").starts_with("extra_body"));
  }
  CHECK(refusal(R"({"outputConfig":{}})").empty());
  CHECK(refusal(R"({"outputConfig":{}})", "low").starts_with("extra_body.outputConfig:"));
  CHECK(refusal(R"({"additionalModelRequestFields":{"top_k":5,"inferenceConfig":{"topK":5}}})").empty());
  CHECK(refusal(R"({"additionalModelRequestFields":7})").starts_with("extra_body.additionalModelRequestFields:"));
  CHECK(refusal(R"({"additionalModelRequestFields":{"max_tokens":5}})")
            .starts_with("extra_body.additionalModelRequestFields.max_tokens:"));
  CHECK(refusal(R"({"additionalModelRequestFields":{"inferenceConfig":{"maxTokens":5}}})")
            .starts_with("extra_body.additionalModelRequestFields.inferenceConfig.maxTokens:"));
}

TEST_CASE("Bedrock's messages that cannot be said are refused by place", "[dialect][bedrock]") {
  CHECK(refusal_when([](ConverseQuery& q) {
          q.add(message("user", "x")).set_name("Bo");
        }).starts_with("messages[1].name:"));
  CHECK(refusal_when([](ConverseQuery& q) { q.add(message("user", "")); }).starts_with("messages[1].content:"));
  CHECK(refusal_when([](ConverseQuery& q) { q.add(message("assistant", "")); }).starts_with("messages[1].content:"));
  CHECK(refusal_when([](ConverseQuery& q) { q.add(message("tool", "x")); }).starts_with("messages[1].tool_call_id:"));
  CHECK(refusal_when([](ConverseQuery& q) {
          q.add(message("user", "x")).set_tool_call_id("1");
        }).starts_with("messages[1].tool_call_id:"));
  CHECK(refusal_when([](ConverseQuery& q) {
          q.add(message("user", "x")).set_tool_calls_json(kConverseCalls);
        }).starts_with("messages[1].tool_calls:"));
  CHECK(refusal_when([](ConverseQuery& q) {
          q.add(message("user", "x")).set_reasoning_content("hm");
        }).starts_with("messages[1].reasoning_content:"));
  CHECK(refusal_when([](ConverseQuery& q) {
          q.add(message("assistant", ""))
              .set_tool_calls_json(R"([{"type":"function","function":{"name":"w","arguments":"{}"}}])");
        }).starts_with("messages[1].tool_calls:"));
  CHECK(refusal_when([](ConverseQuery& q) { q.add(message("system", "x")); }).starts_with("messages[1].role:"));
  CHECK(refusal_when([](ConverseQuery& q) {
          q.prompt.mutable_messages(0)->set_role("assistant");
        }).starts_with("messages[0].role:"));
  CHECK(refusal_when([](ConverseQuery& q) {
          q.prompt.mutable_messages(0)->set_role("system");
        }).starts_with("messages:"));
  CHECK(
      refusal_when([](ConverseQuery& q) {
        q.add(message("assistant", "")).set_parts_json(R"([{"type":"image_url","image_url":{"url":"s3://b/a.png"}}])");
      }).starts_with("messages[1].content:"));
}

TEST_CASE("Bedrock takes images of four kinds, as bytes or from S3", "[dialect][bedrock]") {
  for (const char* url : {"data:image/png;base64,AA==", "data:image/jpg;base64,AA==", "s3://b/a.gif", "s3://b/a.JPEG"})
    CHECK(refusal_when([&](ConverseQuery& q) { add_image(q, url); }).empty());
  for (const char* url : {"https://x/a.png", "data:image/tiff;base64,AA==", "data:video/png;base64,AA==", "s3://b/a",
                          "s3://", "s3://b/png", "data:/;base64,AA=="}) {
    INFO(url);
    CHECK(refusal_when([&](ConverseQuery& q) { add_image(q, url); }).starts_with("messages[1].content:"));
  }
  CHECK(refusal_when([](ConverseQuery& q) {
          add_image(q, "s3://b/a.gif", R"(,"detail":"low")");
        }).starts_with("messages[1].content:"));
}

TEST_CASE("Bedrock has no choice of no tool, and none without tools", "[dialect][bedrock]") {
  const auto refusal = [](const std::string& tools, const std::string& choice) {
    ConverseQuery query;
    query.prompt.set_tools_json(tools);
    query.prompt.set_tool_choice_json(choice);
    return query.refusal();
  };
  CHECK(refusal(kConverseTools, "\"auto\"").empty());
  CHECK(refusal("[]", "").empty());
  CHECK(refusal(kConverseTools, "\"none\"").starts_with("tool_choice:"));
  CHECK(refusal("", "\"auto\"").starts_with("tool_choice:"));
  CHECK(refusal("[]", "\"required\"").starts_with("tool_choice:"));
}

TEST_CASE("a region is stated, or told by every endpoint's name", "[dialect][bedrock]") {
  CHECK(dialect::bedrock_region("bedrock-runtime.eu-west-1.amazonaws.com") == "eu-west-1");
  CHECK(dialect::bedrock_region("bedrock-runtime.eu-west-1.amazonaws.com:443") == "eu-west-1");
  CHECK(dialect::bedrock_region("bedrock-runtime-fips.us-gov-west-1.amazonaws.com") == "us-gov-west-1");
  CHECK(dialect::bedrock_region("vpce-1-a.bedrock-runtime.us-east-1.vpce.amazonaws.com") == "us-east-1");
  CHECK(dialect::bedrock_region("bedrock-runtime.cn-north-1.amazonaws.com.cn") == "cn-north-1");
  for (const char* host : {"", "127.0.0.1:8000", "localhost", "bedrock-runtime", "bedrock-runtime.local", "a..b", "."})
    CHECK(dialect::bedrock_region(host).empty());

  v1::Teacher elsewhere = converse_teacher("http://127.0.0.1:8000");
  CHECK(ConverseQuery().refusal(elsewhere).starts_with("teacher.region:"));
  elsewhere.set_region("us-east-1");
  CHECK(ConverseQuery().refusal(elsewhere).empty());
  v1::Teacher two = converse_teacher();
  two.add_endpoints("http://127.0.0.1:8000/bedrock-runtime.eu-west-1.amazonaws.com");
  CHECK(ConverseQuery().refusal(two).starts_with("teacher.region:"));
}

TEST_CASE("an API key of Bedrock is shown, an AWS key signs", "[dialect][bedrock]") {
  const dialect::Credential shown = converse().credential(converse_teacher(), "bedrock-api-key-1=");
  CHECK(shown.header == std::pair<std::string, std::string>("Authorization", "Bearer bedrock-api-key-1="));
  CHECK(shown.signer == nullptr);

  const std::string host = "bedrock-runtime.eu-west-1.amazonaws.com", target = "/model/m/converse";
  const auto expected = [&](const std::string& region, const std::string& token) {
    return dialect::sigv4_headers({.id = "AKID", .secret = "se/cret+", .session_token = token},
                                  {.region = region, .service = "bedrock"}, "POST", host, target, "{}", kSignedAtUs);
  };
  const auto signs = [&](const v1::Teacher& asked, const std::string& key) {
    const dialect::Credential credential = converse().credential(asked, key);
    CHECK(credential.header.first.empty());
    REQUIRE(credential.signer != nullptr);
    return credential.signer->sign("POST", host, target, "{}", kSignedAtUs);
  };
  CHECK(signs(converse_teacher(), "AKID:se/cret+") == expected("eu-west-1", ""));
  CHECK(signs(converse_teacher(), "AKID:se/cret+:to/ken==") == expected("eu-west-1", "to/ken=="));
  v1::Teacher stated = converse_teacher();
  stated.set_region("us-east-1");
  CHECK(signs(stated, "AKID:se/cret+") == expected("us-east-1", ""));
  for (const char* odd : {":", "::", "a:", ":b", "a:b:"}) signs(converse_teacher(), odd);
}

TEST_CASE("Bedrock speaks for itself", "[dialect][bedrock]") {
  CHECK(converse().vendor() == "aws.bedrock");
  CHECK(converse().abilities(converse_teacher()).choices_max == 1);
}
