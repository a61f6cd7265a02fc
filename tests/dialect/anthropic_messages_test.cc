// What anthropic-messages refuses at submit, how it shows the key, and what becomes of every cut and of changed bytes.
#include <catch2/catch.hpp>
#include <random>

#include "service/dialect/registry/registry.h"
#include "tests/dialect/golden_case.h"
#include "tests/dialect/refusal.h"

using namespace harvest;
using testing::add;
using testing::question;

namespace {

constexpr std::string_view kName = "anthropic-messages";

const dialect::Dialect& anthropic() {
  return *dialect::find_dialect(kName);
}

std::string complaint(const v1::Prompt& prompt, const v1::Sampling& sampling = {}, const v1::Teacher& teacher = {}) {
  return testing::complaint(kName, prompt, sampling, teacher);
}

template <typename Set>
std::string complaint_about(Set set) {
  return testing::complaint_about(kName, set);
}

/// About the second message, behind a question.
template <typename Set>
std::string complaint_about_message(const std::string& role, Set set) {
  v1::Prompt prompt = question();
  set(add(prompt, role));
  return complaint(prompt);
}

std::string complaint_about_extra(const std::string& key) {
  return complaint_about([&](v1::Sampling& s) { s.set_extra_body_json("{\"" + key + "\":1}"); });
}

std::string complaint_about_budget(uint32_t budget, const std::string& tool_choice_json = "",
                                   std::optional<double> temperature = std::nullopt) {
  v1::Sampling sampling;
  sampling.set_reasoning_budget_tokens(budget);
  sampling.set_max_output_tokens(4096);
  if (temperature) sampling.set_temperature(*temperature);
  v1::Prompt prompt = question();
  prompt.set_tools_json(R"([{"type":"function","function":{"name":"f"}}])");
  prompt.set_tool_choice_json(tool_choice_json);
  return complaint(prompt, sampling);
}

constexpr const char* kCalls = R"([{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}])";

dialect::Outcome decode(std::string body, dialect::WireError error = dialect::WireError::kNone) {
  dialect::HttpExchange exchange;
  exchange.sent = true;
  exchange.status = 200;
  exchange.body = std::move(body);
  exchange.error = error;
  return anthropic().decode(exchange, 1);
}

std::string event(const std::string& data) {
  return "event: " + data.substr(9, data.find('"', 9) - 9) + "\ndata: " + data + "\n\n";
}

const std::string kStart = event(R"({"type":"message_start","message":{"model":"m","usage":{"input_tokens":9}}})");
const std::string kStop = event(R"({"type":"message_stop"})");

std::string piece(const std::string& delta) {
  return event(R"({"type":"content_block_delta","index":0,"delta":)" + delta + "}");
}

}  // namespace

TEST_CASE("anthropic-messages shows the key in a header of its own", "[dialect]") {
  CHECK(anthropic().credential({}, "k").header == std::pair<std::string, std::string>("x-api-key", "k"));
  CHECK(anthropic().vendor() == "anthropic");
}

TEST_CASE("anthropic-messages refuses the sampling that it cannot say", "[dialect]") {
  CHECK(complaint(question()).empty());
  CHECK(complaint_about([](v1::Sampling& s) { s.set_seed(1); }).starts_with("seed: "));
  CHECK(complaint_about([](v1::Sampling& s) { s.set_top_logprobs(0); }).starts_with("logprobs: "));
  CHECK(complaint_about([](v1::Sampling& s) { s.set_frequency_penalty(0); }).starts_with("frequency_penalty: "));
  CHECK(complaint_about([](v1::Sampling& s) { s.set_presence_penalty(0); }).starts_with("presence_penalty: "));
  CHECK(complaint_about([](v1::Sampling& s) { s.set_temperature(1.1); }).starts_with("temperature: "));
  CHECK(complaint_about([](v1::Sampling& s) { s.set_top_p(1.1); }).starts_with("top_p: "));
  CHECK(complaint_about([](v1::Sampling& s) { s.set_service_tier("flex"); }).starts_with("service_tier: "));
  CHECK(complaint_about([](v1::Sampling& s) { s.set_reasoning_effort("none"); }).starts_with("reasoning_effort: "));
  CHECK(anthropic().abilities({}).choices_max == 1);
}

TEST_CASE("anthropic-messages refuses formats that it cannot hold to as stated", "[dialect]") {
  const auto about = [](const std::string& json) {
    return complaint_about([&](v1::Sampling& s) { s.set_response_format_json(json); });
  };
  CHECK(about(R"({"type":"json_object"})").starts_with("response_format: "));
  CHECK(about(R"({"type":"json_schema","json_schema":{"schema":{},"description":"d"}})")
            .starts_with("response_format.json_schema.description: "));
  CHECK(about(R"({"type":"json_schema","json_schema":{"schema":{},"strict":false}})")
            .starts_with("response_format.json_schema.strict: "));
  CHECK(about(R"({"type":"json_schema","json_schema":{"schema":{}}})").empty());
}

TEST_CASE("anthropic-messages takes a budget for thinking between 1024 and the cap", "[dialect]") {
  CHECK(complaint_about_budget(0, R"("required")", 0.5).empty());
  CHECK(complaint_about_budget(1).starts_with("reasoning_budget_tokens: "));
  CHECK(complaint_about_budget(1023).starts_with("reasoning_budget_tokens: "));
  CHECK(complaint_about_budget(1024, R"("auto")", 1.0).empty());
  CHECK(complaint_about_budget(4095).empty());
  CHECK(complaint_about_budget(4096).starts_with("reasoning_budget_tokens: "));
  CHECK(complaint_about_budget(2048, R"("required")").starts_with("tool_choice: "));
  CHECK(complaint_about_budget(2048, "", 0.5).starts_with("temperature: "));
  v1::Sampling sampling;
  sampling.set_reasoning_budget_tokens(2048);
  v1::Teacher teacher;
  CHECK(complaint(question(), sampling, teacher).starts_with("reasoning_budget_tokens: "));
  teacher.set_default_max_output_tokens(4096);
  CHECK(complaint(question(), sampling, teacher).empty());
  sampling.set_top_k(5);
  CHECK(complaint(question(), sampling, teacher).starts_with("top_k: "));
}

TEST_CASE("anthropic-messages refuses extra fields that it writes itself or that raise the price", "[dialect]") {
  for (const char* key :
       {"model", "max_tokens", "system", "messages", "temperature", "top_p", "top_k", "stop_sequences", "tools",
        "tool_choice", "service_tier", "stream", "cache_control", "speed", "inference_geo", "mcp_servers", "container"})
    CHECK(complaint_about_extra(key).starts_with("extra_body." + std::string(key) + ": "));
  CHECK(complaint_about_extra("metadata").empty());
  CHECK(complaint_about([](v1::Sampling& s) {
          s.set_extra_body_json(R"({"thinking":{}})");
          s.set_reasoning_budget_tokens(0);
        }).starts_with("extra_body.thinking: "));
  CHECK(complaint_about([](v1::Sampling& s) {
          s.set_extra_body_json(R"({"output_config":{}})");
          s.set_reasoning_effort("low");
        }).starts_with("extra_body.output_config: "));
}

TEST_CASE("anthropic-messages refuses messages that its turns cannot hold", "[dialect]") {
  using v1::Message;
  const std::string at = "messages[1].";
  CHECK(complaint_about_message("user", [](Message&) {}).starts_with(at + "content: "));
  CHECK(complaint_about_message("assistant", [](Message&) {}).starts_with(at + "content: "));
  CHECK(complaint_about_message("user", [](Message& m) {
          m.set_content("x");
          m.set_name("n");
        }).starts_with(at + "name: "));
  CHECK(complaint_about_message("assistant", [](Message& m) {
          m.set_content("x");
          m.set_reasoning_content("r");
        }).starts_with(at + "reasoning_content: "));
  CHECK(complaint_about_message("tool", [](Message& m) { m.set_content("x"); }).starts_with(at + "tool_call_id: "));
  CHECK(complaint_about_message("user", [](Message& m) {
          m.set_content("x");
          m.set_tool_call_id("c");
        }).starts_with(at + "tool_call_id: "));
  CHECK(complaint_about_message("user", [](Message& m) {
          m.set_tool_calls_json(kCalls);
        }).starts_with(at + "tool_calls: "));
  CHECK(complaint_about_message("assistant", [](Message& m) {
          m.set_tool_calls_json(R"([{"function":{"name":"f"}}])");
        }).starts_with(at + "tool_calls: "));
  CHECK(complaint_about_message("assistant", [](Message& m) {
          m.set_parts_json(R"([{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}])");
        }).starts_with(at + "content: "));
  CHECK(complaint_about_message("user", [](Message& m) {
          m.set_parts_json(R"([{"type":"image_url","image_url":{"url":"data:image/bmp;base64,AA=="}}])");
        }).starts_with(at + "content: "));
  CHECK(complaint_about_message("user", [](Message& m) {
          m.set_parts_json(R"([{"type":"image_url","image_url":{"url":"https://example.org/a.png","detail":"low"}}])");
        }).starts_with(at + "content: "));
  CHECK(complaint_about_message("system", [](Message& m) { m.set_content("x"); }).starts_with(at + "role: "));
  // The user has spoken before the result.
  CHECK(complaint_about_message("tool", [](Message& m) { m.set_tool_call_id("c"); }).starts_with(at + "role: "));
  v1::Prompt systems;
  add(systems, "system", "x");
  CHECK(complaint(systems).starts_with("messages: "));
}

TEST_CASE("anthropic-messages refuses a choice among no tools", "[dialect]") {
  v1::Prompt prompt = question();
  prompt.set_tool_choice_json(R"("auto")");
  CHECK(complaint(prompt).starts_with("tool_choice: "));
  prompt.set_tools_json("[]");
  CHECK(complaint(prompt).starts_with("tool_choice: "));
}

TEST_CASE("a message's first token ends with the first event that holds one", "[dialect][stream]") {
  const std::string before = kStart + event(R"({"type":"ping"})") +
                             event(R"({"type":"content_block_start","index":0,"content_block":{"type":"text"}})") +
                             piece(R"({"type":"text_delta","text":""})");
  const std::string first = piece(R"({"type":"text_delta","text":"Hel"})");
  const std::string after = piece(R"({"type":"text_delta","text":"lo."})");
  CHECK(decode(before + first + after + kStop).first_token_end == before.size() + first.size());
  const std::string thought = piece(R"({"type":"thinking_delta","thinking":"hm"})");
  CHECK(decode(kStart + thought + kStop).first_token_end == kStart.size() + thought.size());
  const std::string call =
      event(R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f"}})");
  CHECK(decode(kStart + call + kStop).first_token_end == kStart.size() + call.size());
  CHECK(decode(kStart + kStop).first_token_end == (kStart + kStop).size());
}

TEST_CASE("a message's stream cut at any byte before its end is a fault", "[dialect][stream]") {
  const std::string whole = kStart + piece(R"({"type":"text_delta","text":"Hello."})") +
                            event(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})") + kStop;
  const size_t last_brace = whole.rfind('}');
  for (size_t size = 0; size <= whole.size(); ++size) {
    INFO("cut at " << size);
    CHECK(decode(whole.substr(0, size)).kind == (size > last_brace ? v1::ANSWERED : v1::FAULTED));
    const dialect::Outcome reset = decode(whole.substr(0, size), dialect::WireError::kReset);
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
      const dialect::Outcome outcome = anthropic().decode(changed, 1);
      v1::Message parsed;
      bool valid = true;
      for (const dialect::Choice& choice : outcome.choices)
        valid &= parsed.ParseFromString(choice.message.SerializeAsString());
      CHECK(valid);
      if (exchange.status != 200) return;
      const auto stored = anthropic().decode_stored(body);
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
    decode(v);
    for (const std::string type : {"text", "thinking", "redacted_thinking", "tool_use"})
      decode(R"({"content":[{"type":")" + type + R"(","text":)" + v + R"(,"thinking":)" + v + R"(,"id":)" + v +
             R"(,"name":)" + v + R"(,"input":)" + v + R"(}],"stop_reason":)" + v + R"(,"stop_details":)" + v +
             R"(,"usage":)" + v + R"(,"model":)" + v + "}");
    decode(R"({"content":)" + v + R"(,"stop_reason":"refusal","stop_details":{"category":)" + v + R"(,"explanation":)" +
           v + R"(},"usage":{"input_tokens":)" + v + R"(,"output_tokens":)" + v + R"(,"cache_read_input_tokens":)" + v +
           R"(,"cache_creation":)" + v + "}}");
    decode(R"({"type":"error","error":)" + v + "}");
    decode(R"({"type":"error","error":{"type":)" + v + R"(,"message":)" + v + R"(,"details":)" + v + "}}");
    for (const std::string type :
         {"message_start", "content_block_start", "content_block_delta", "message_delta", "error", "ping"})
      decode(kStart +
             event(R"({"type":")" + type + R"(","index":)" + v + R"(,"message":)" + v + R"(,"content_block":)" + v +
                   R"(,"delta":)" + v + R"(,"usage":)" + v + R"(,"error":)" + v + "}") +
             kStop);
    // A number that nobody can hold makes its event unreadable: what it said is missing.
    const v1::Outcome kind = v == "1e999" ? v1::FAULTED : v1::ANSWERED;
    for (const std::string type : {"text_delta", "thinking_delta", "input_json_delta", "signature_delta"})
      CHECK(decode(kStart +
                   piece(R"({"type":")" + type + R"(","text":)" + v + R"(,"thinking":)" + v + R"(,"partial_json":)" +
                         v + "}") +
                   kStop)
                .kind == kind);
  }
}
