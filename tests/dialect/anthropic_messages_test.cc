// What anthropic-messages refuses at submit, how it shows the key, and what becomes of every cut and of changed bytes.
#include <catch2/catch.hpp>
#include <random>

#include "service/dialect/registry/registry.h"
#include "tests/dialect/decode.h"
#include "tests/dialect/golden_case.h"
#include "tests/dialect/refusal.h"

using namespace harvest;
using testing::add;
using testing::complaint_about_key;
using testing::decode;
using testing::question;

namespace {

constexpr std::string_view kAnthropic = "anthropic-messages";

const dialect::Dialect& anthropic_dialect() {
  return *dialect::find_dialect(kAnthropic);
}

std::string refusal(const v1::Prompt& prompt, const v1::Sampling& sampling = {}, const v1::Teacher& teacher = {}) {
  return testing::complaint(kAnthropic, prompt, sampling, teacher);
}

template <typename Set>
std::string refusal_of(Set set) {
  return testing::complaint_about(kAnthropic, set);
}

/// About the second message, behind a question.
template <typename Set>
std::string refusal_of_message(const std::string& role, Set set) {
  v1::Prompt prompt = question();
  set(add(prompt, role));
  return refusal(prompt);
}

std::string refusal_of_budget(uint32_t budget, const std::string& tool_choice_json = "",
                              std::optional<double> temperature = std::nullopt) {
  v1::Sampling sampling;
  sampling.set_reasoning_budget_tokens(budget);
  sampling.set_max_output_tokens(4096);
  if (temperature) sampling.set_temperature(*temperature);
  v1::Prompt prompt = question();
  prompt.set_tools_json(R"([{"type":"function","function":{"name":"f"}}])");
  prompt.set_tool_choice_json(tool_choice_json);
  return refusal(prompt, sampling);
}

constexpr const char* kOneCall = R"([{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}])";

std::string sse_event(const std::string& data) {
  return "event: " + data.substr(9, data.find('"', 9) - 9) + "\ndata: " + data + "\n\n";
}

const std::string kMessageStart =
    sse_event(R"({"type":"message_start","message":{"model":"m","usage":{"input_tokens":9}}})");
const std::string kMessageStop = sse_event(R"({"type":"message_stop"})");

std::string delta_event(const std::string& delta) {
  return sse_event(R"({"type":"content_block_delta","index":0,"delta":)" + delta + "}");
}

}  // namespace

TEST_CASE("anthropic-messages shows the key in a header of its own", "[dialect]") {
  CHECK(anthropic_dialect().credential({}, "k").header == std::pair<std::string, std::string>("x-api-key", "k"));
  CHECK(anthropic_dialect().vendor() == "anthropic");
}

TEST_CASE("anthropic-messages refuses the sampling that it cannot say", "[dialect]") {
  CHECK(refusal(question()).empty());
  CHECK(refusal_of([](v1::Sampling& s) { s.set_seed(1); }).starts_with("seed: "));
  CHECK(refusal_of([](v1::Sampling& s) { s.set_top_logprobs(0); }).starts_with("logprobs: "));
  CHECK(refusal_of([](v1::Sampling& s) { s.set_frequency_penalty(0); }).starts_with("frequency_penalty: "));
  CHECK(refusal_of([](v1::Sampling& s) { s.set_presence_penalty(0); }).starts_with("presence_penalty: "));
  CHECK(refusal_of([](v1::Sampling& s) { s.set_temperature(1.1); }).starts_with("temperature: "));
  CHECK(refusal_of([](v1::Sampling& s) { s.set_top_p(1.1); }).starts_with("top_p: "));
  CHECK(refusal_of([](v1::Sampling& s) { s.set_service_tier("flex"); }).starts_with("service_tier: "));
  CHECK(refusal_of([](v1::Sampling& s) { s.set_reasoning_effort("none"); }).starts_with("reasoning_effort: "));
  CHECK(anthropic_dialect().abilities({}).choices_max == 1);
}

TEST_CASE("anthropic-messages refuses formats that it cannot hold to as stated", "[dialect]") {
  const auto about = [](const std::string& json) {
    return refusal_of([&](v1::Sampling& s) { s.set_response_format_json(json); });
  };
  CHECK(about(R"({"type":"json_object"})").starts_with("response_format: "));
  CHECK(about(R"({"type":"json_schema","json_schema":{"schema":{},"description":"d"}})")
            .starts_with("response_format.json_schema.description: "));
  CHECK(about(R"({"type":"json_schema","json_schema":{"schema":{},"strict":false}})")
            .starts_with("response_format.json_schema.strict: "));
  CHECK(about(R"({"type":"json_schema","json_schema":{"schema":{}}})").empty());
}

TEST_CASE("anthropic-messages takes a budget for thinking between 1024 and the cap", "[dialect]") {
  CHECK(refusal_of_budget(0, R"("required")", 0.5).empty());
  CHECK(refusal_of_budget(1).starts_with("reasoning_budget_tokens: "));
  CHECK(refusal_of_budget(1023).starts_with("reasoning_budget_tokens: "));
  CHECK(refusal_of_budget(1024, R"("auto")", 1.0).empty());
  CHECK(refusal_of_budget(4095).empty());
  CHECK(refusal_of_budget(4096).starts_with("reasoning_budget_tokens: "));
  CHECK(refusal_of_budget(2048, R"("required")").starts_with("tool_choice: "));
  CHECK(refusal_of_budget(2048, "", 0.5).starts_with("temperature: "));
  v1::Sampling sampling;
  sampling.set_reasoning_budget_tokens(2048);
  v1::Teacher teacher;
  CHECK(refusal(question(), sampling, teacher).starts_with("reasoning_budget_tokens: "));
  teacher.set_default_max_output_tokens(4096);
  CHECK(refusal(question(), sampling, teacher).empty());
  sampling.set_top_k(5);
  CHECK(refusal(question(), sampling, teacher).starts_with("top_k: "));
}

TEST_CASE("anthropic-messages refuses extra fields that it writes itself or that raise the price", "[dialect]") {
  for (const char* key :
       {"model", "max_tokens", "system", "messages", "temperature", "top_p", "top_k", "stop_sequences", "tools",
        "tool_choice", "service_tier", "stream", "cache_control", "speed", "inference_geo", "mcp_servers", "container"})
    CHECK(complaint_about_key(kAnthropic, key).starts_with("extra_body." + std::string(key) + ": "));
  CHECK(complaint_about_key(kAnthropic, "metadata").empty());
  CHECK(refusal_of([](v1::Sampling& s) {
          s.set_extra_body_json(R"({"thinking":{}})");
          s.set_reasoning_budget_tokens(0);
        }).starts_with("extra_body.thinking: "));
  CHECK(refusal_of([](v1::Sampling& s) {
          s.set_extra_body_json(R"({"output_config":{}})");
          s.set_reasoning_effort("low");
        }).starts_with("extra_body.output_config: "));
}

TEST_CASE("anthropic-messages refuses messages that its turns cannot hold", "[dialect]") {
  using v1::Message;
  const std::string at = "messages[1].";
  CHECK(refusal_of_message("user", [](Message&) {}).starts_with(at + "content: "));
  CHECK(refusal_of_message("assistant", [](Message&) {}).starts_with(at + "content: "));
  CHECK(refusal_of_message("user", [](Message& m) {
          m.set_content("x");
          m.set_name("n");
        }).starts_with(at + "name: "));
  CHECK(refusal_of_message("assistant", [](Message& m) {
          m.set_content("x");
          m.set_reasoning_content("r");
        }).starts_with(at + "reasoning_content: "));
  CHECK(refusal_of_message("tool", [](Message& m) { m.set_content("x"); }).starts_with(at + "tool_call_id: "));
  CHECK(refusal_of_message("user", [](Message& m) {
          m.set_content("x");
          m.set_tool_call_id("c");
        }).starts_with(at + "tool_call_id: "));
  CHECK(
      refusal_of_message("user", [](Message& m) { m.set_tool_calls_json(kOneCall); }).starts_with(at + "tool_calls: "));
  CHECK(refusal_of_message("assistant", [](Message& m) {
          m.set_tool_calls_json(R"([{"function":{"name":"f"}}])");
        }).starts_with(at + "tool_calls: "));
  CHECK(refusal_of_message("assistant", [](Message& m) {
          m.set_parts_json(R"([{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}])");
        }).starts_with(at + "content: "));
  CHECK(refusal_of_message("user", [](Message& m) {
          m.set_parts_json(R"([{"type":"image_url","image_url":{"url":"data:image/bmp;base64,AA=="}}])");
        }).starts_with(at + "content: "));
  CHECK(refusal_of_message("user", [](Message& m) {
          m.set_parts_json(R"([{"type":"image_url","image_url":{"url":"https://example.org/a.png","detail":"low"}}])");
        }).starts_with(at + "content: "));
  CHECK(refusal_of_message("system", [](Message& m) { m.set_content("x"); }).starts_with(at + "role: "));
  // The user has spoken before the result.
  CHECK(refusal_of_message("tool", [](Message& m) { m.set_tool_call_id("c"); }).starts_with(at + "role: "));
  v1::Prompt systems;
  add(systems, "system", "x");
  CHECK(refusal(systems).starts_with("messages: "));
}

TEST_CASE("anthropic-messages refuses a choice among no tools", "[dialect]") {
  v1::Prompt prompt = question();
  prompt.set_tool_choice_json(R"("auto")");
  CHECK(refusal(prompt).starts_with("tool_choice: "));
  prompt.set_tools_json("[]");
  CHECK(refusal(prompt).starts_with("tool_choice: "));
}

TEST_CASE("a message's first token ends with the first event that holds one", "[dialect][stream]") {
  const std::string before = kMessageStart + sse_event(R"({"type":"ping"})") +
                             sse_event(R"({"type":"content_block_start","index":0,"content_block":{"type":"text"}})") +
                             delta_event(R"({"type":"text_delta","text":""})");
  const std::string first = delta_event(R"({"type":"text_delta","text":"Hel"})");
  const std::string after = delta_event(R"({"type":"text_delta","text":"lo."})");
  CHECK(decode(kAnthropic, before + first + after + kMessageStop).first_token_end == before.size() + first.size());
  const std::string thought = delta_event(R"({"type":"thinking_delta","thinking":"hm"})");
  CHECK(decode(kAnthropic, kMessageStart + thought + kMessageStop).first_token_end ==
        kMessageStart.size() + thought.size());
  const std::string call =
      sse_event(R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f"}})");
  CHECK(decode(kAnthropic, kMessageStart + call + kMessageStop).first_token_end == kMessageStart.size() + call.size());
  CHECK(decode(kAnthropic, kMessageStart + kMessageStop).first_token_end == (kMessageStart + kMessageStop).size());
}

TEST_CASE("a message's stream cut at any byte before its end is a fault", "[dialect][stream]") {
  const std::string whole = kMessageStart + delta_event(R"({"type":"text_delta","text":"Hello."})") +
                            sse_event(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})") + kMessageStop;
  const size_t last_brace = whole.rfind('}');
  for (size_t size = 0; size <= whole.size(); ++size) {
    INFO("cut at " << size);
    CHECK(decode(kAnthropic, whole.substr(0, size)).kind == (size > last_brace ? v1::ANSWERED : v1::FAULTED));
    const dialect::Outcome reset = decode(kAnthropic, whole.substr(0, size), dialect::WireError::kReset);
    CHECK(reset.kind == (size > last_brace ? v1::ANSWERED : v1::FAULTED));
  }
}

TEST_CASE("every golden message cut or with changed bytes ends in an outcome with valid text", "[dialect][hostile]") {
  std::mt19937 random(7);
  for (const testing::GoldenCase& golden : testing::golden_cases()) {
    if (golden.dialect != "anthropic-messages" || testing::is_request(golden)) continue;
    INFO(golden.file << ": " << golden.name);
    const dialect::HttpExchange exchange = testing::exchange_of(golden);
    const auto try_body = [&](const std::string& body) {
      dialect::HttpExchange changed = exchange;
      changed.body = body;
      const dialect::Outcome outcome = anthropic_dialect().decode(changed, 1);
      v1::Message parsed;
      bool valid = true;
      for (const dialect::Choice& choice : outcome.choices)
        valid &= parsed.ParseFromString(choice.message.SerializeAsString());
      CHECK(valid);
      if (exchange.status != 200) return;
      const auto stored = anthropic_dialect().decode_stored(body);
      CHECK(stored.ok() == (outcome.kind == v1::ANSWERED || outcome.kind == v1::REFUSED));
    };
    const size_t step = 1 + exchange.body.size() / testing::scaled(20'000);
    for (size_t size = 0; size < exchange.body.size(); size += step) try_body(exchange.body.substr(0, size));
    if (exchange.body.empty()) continue;
    for (size_t i = 0; i < testing::scaled(300); ++i) {
      std::string body = exchange.body;
      for (int changes = 0; changes < 3; ++changes) body[random() % body.size()] = static_cast<char>(random());
      try_body(body);
    }
  }
}

TEST_CASE("every field of a message may be of any type", "[dialect][hostile]") {
  const std::vector<std::string> values{"null",  "true", "-1", "1.5",  "1e999",  "18446744073709551615",
                                        "\"x\"", "[]",   "{}", "[{}]", "[null]", "{\"a\":[]}"};
  for (const std::string& v : values) {
    decode(kAnthropic, v);
    for (const std::string type : {"text", "thinking", "redacted_thinking", "tool_use"})
      decode(kAnthropic, R"({"content":[{"type":")" + type + R"(","text":)" + v + R"(,"thinking":)" + v + R"(,"id":)" +
                             v + R"(,"name":)" + v + R"(,"input":)" + v + R"(}],"stop_reason":)" + v +
                             R"(,"stop_details":)" + v + R"(,"usage":)" + v + R"(,"model":)" + v + "}");
    decode(kAnthropic, R"({"content":)" + v + R"(,"stop_reason":"refusal","stop_details":{"category":)" + v +
                           R"(,"explanation":)" + v + R"(},"usage":{"input_tokens":)" + v + R"(,"output_tokens":)" + v +
                           R"(,"cache_read_input_tokens":)" + v + R"(,"cache_creation":)" + v + "}}");
    decode(kAnthropic, R"({"type":"error","error":)" + v + "}");
    decode(kAnthropic, R"({"type":"error","error":{"type":)" + v + R"(,"message":)" + v + R"(,"details":)" + v + "}}");
    for (const std::string type :
         {"message_start", "content_block_start", "content_block_delta", "message_delta", "error", "ping"})
      decode(kAnthropic,
             kMessageStart +
                 sse_event(R"({"type":")" + type + R"(","index":)" + v + R"(,"message":)" + v + R"(,"content_block":)" +
                           v + R"(,"delta":)" + v + R"(,"usage":)" + v + R"(,"error":)" + v + "}") +
                 kMessageStop);
    // A number that nobody can hold makes its event unreadable: what it said is missing.
    const v1::Outcome kind = v == "1e999" ? v1::FAULTED : v1::ANSWERED;
    for (const std::string type : {"text_delta", "thinking_delta", "input_json_delta", "signature_delta"})
      CHECK(decode(kAnthropic, kMessageStart +
                                   delta_event(R"({"type":")" + type + R"(","text":)" + v + R"(,"thinking":)" + v +
                                               R"(,"partial_json":)" + v + "}") +
                                   kMessageStop)
                .kind == kind);
  }
}
