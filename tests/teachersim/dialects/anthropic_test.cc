// Anthropic's messages: blocks, stop reasons, usage, streams, what is refused, and the vendor's wording.
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <string>

#include "tests/teachersim/answers/pieces.h"
#include "tests/teachersim/answers/tokenizer.h"
#include "tests/teachersim/dialects/anthropic_answer.h"
#include "tests/teachersim/dialects/anthropic_messages.h"
#include "tests/teachersim/dialects/anthropic_wording.h"

using namespace teachersim;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

constexpr const char* kVersion = "X-Api-Key: k-1\r\nAnthropic-Version: 2023-06-01\r\n";

std::string message_body(const std::string& more = "", const std::string& model = "claude-sonnet-4-0") {
  return R"({"model":")" + model + R"(","max_tokens":4096,"system":"Be brief.","messages":[)" +
         R"({"role":"user","content":"Why is the sky blue?"}])" + more + "}";
}

std::variant<std::unique_ptr<Question>, Trouble> read(const std::string& body, AnswerShape shape = {},
                                                      std::string_view headers = kVersion) {
  return AnthropicMessages(shape).read(
      Call{.method = "POST", .path = "/v1/messages", .body = body, .headers = headers});
}

struct AskedAnthropic {
  std::unique_ptr<Question> question;
  Answer answer;
  json::value body;

  const json::value& at(const char* pointer) const { return body.at_pointer(pointer); }
};

AskedAnthropic ask_anthropic(const std::string& body, AnswerShape shape = {}, Stamp stamp = {.id = "msg_1"}) {
  auto outcome = read(body, shape);
  if (const auto* trouble = std::get_if<Trouble>(&outcome)) FAIL(trouble->message);
  AskedAnthropic asked;
  asked.question = std::move(std::get<std::unique_ptr<Question>>(outcome));
  asked.answer = AnthropicMessages(shape).answer(*asked.question, stamp);
  asked.body = json::parse(asked.answer.body);
  return asked;
}

std::string anthropic_mistake(const std::string& body, std::string_view headers = kVersion) {
  auto outcome = read(body, {}, headers);
  return std::holds_alternative<Trouble>(outcome) ? std::get<Trouble>(outcome).message : "";
}

}  // namespace

TEST_CASE("a message is made of blocks and its usage is what the tokenizer says", "[anthropic]") {
  const AskedAnthropic asked =
      ask_anthropic(message_body(), AnswerShape{.bytes_min = 100, .bytes_max = 100, .cached_share = 0.5});
  CHECK(asked.at("/id") == "msg_1");
  CHECK(asked.at("/type") == "message");
  CHECK(asked.at("/content/0/type") == "text");
  CHECK(asked.at("/content/0/text") == json::value(asked.answer.contents[0]));
  CHECK(asked.at("/stop_reason") == "end_turn");
  CHECK(asked.at("/stop_details").is_null());
  const std::int64_t input = kTokensPerMessage + tokens_in("Be brief.") + tokens_in("Why is the sky blue?");
  CHECK(asked.at("/usage/input_tokens") == input - input / 2);
  CHECK(asked.at("/usage/cache_read_input_tokens") == input / 2);
  CHECK(asked.at("/usage/output_tokens") == 25);
  CHECK(asked.question->prompt == "Why is the sky blue?");
  CHECK(asked.question->unlimited_input == input / 2);
}

TEST_CASE("a message ends where it must and says why", "[anthropic]") {
  CHECK(ask_anthropic(message_body(R"(,"stop_sequences":[". "])")).at("/stop_reason") == "stop_sequence");
  CHECK(ask_anthropic(message_body(R"(,"stop_sequences":[". "])")).at("/stop_sequence") == ". ");
  const AskedAnthropic cut =
      ask_anthropic(R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]})");
  CHECK(cut.at("/stop_reason") == "max_tokens");
  CHECK(cut.at("/usage/output_tokens") == 9);
  CHECK(cut.at("/stop_sequence").is_null());
}

TEST_CASE("thinking comes first, signed, within its budget, and only when asked for", "[anthropic]") {
  const AnswerShape shape{.reasoning_tokens = 2000};
  const AskedAnthropic asked =
      ask_anthropic(message_body(R"(,"thinking":{"type":"enabled","budget_tokens":1024})"), shape);
  CHECK(asked.at("/content/0/type") == "thinking");
  CHECK(asked.at("/content/0/thinking").as_string().size() == 4 * 1024);
  CHECK(asked.at("/content/0/signature") ==
        json::value(anthropic_signature(asked.at("/content/0/thinking").as_string())));
  CHECK(asked.at("/usage/output_tokens_details/thinking_tokens") == 1024);
  CHECK(asked.at("/content/1/type") == "text");
  const AskedAnthropic omitted =
      ask_anthropic(message_body(R"(,"thinking":{"type":"adaptive","display":"omitted"})"), shape);
  CHECK(omitted.at("/content/0/thinking") == "");
  CHECK(omitted.at("/usage/output_tokens_details/thinking_tokens") == 2000);
  CHECK(ask_anthropic(message_body(), shape).at("/content/0/type") == "text");
}

TEST_CASE("a tool is called with an object, and a schema is filled", "[anthropic]") {
  const std::string tool =
      R"(,"tools":[{"name":"look_up","input_schema":{"type":"object","properties":{"days":{"type":"integer"}}}}])";
  const AskedAnthropic called =
      ask_anthropic(message_body(tool + R"(,"tool_choice":{"type":"tool","name":"look_up"})"));
  CHECK(called.at("/stop_reason") == "tool_use");
  CHECK(called.at("/content/0/name") == "look_up");
  CHECK(called.at("/content/0/input/days").is_int64());
  CHECK(called.answer.contents == std::vector<std::string>{""});
  CHECK(ask_anthropic(message_body(tool)).at("/stop_reason") == "end_turn");
  const AskedAnthropic filled = ask_anthropic(message_body(
      R"(,"output_config":{"format":{"type":"json_schema","schema":{"type":"object","properties":{"ok":{"type":"boolean"}}}}})"));
  CHECK(json::parse(filled.at("/content/0/text").as_string()).at("ok").is_bool());
}

TEST_CASE("a refusal has no content and tells the category it was asked for", "[anthropic]") {
  const AskedAnthropic asked =
      ask_anthropic(message_body(), {}, {.id = "i", .refuse = true, .refusal_code = "frontier_llm"});
  CHECK(asked.at("/stop_reason") == "refusal");
  CHECK(asked.at("/stop_details/category") == "frontier_llm");
  CHECK(asked.at("/content").as_array().empty());
  CHECK(asked.at("/usage/output_tokens").as_int64() > 0);
  CHECK(ask_anthropic(message_body(), {}, {.id = "i", .refuse = true}).at("/stop_details/category").is_null());
}

TEST_CASE("what the vendor does not take is refused in its words", "[anthropic]") {
  for (const char* name : {"n", "seed", "logprobs"}) {
    CHECK(anthropic_mistake(message_body(",\"" + std::string(name) + "\":1")) ==
          std::string(name) + ": Extra inputs are not permitted");
  }
  CHECK(anthropic_mistake(R"({"model":"m","messages":[{"role":"user","content":"x"}]})") ==
        "max_tokens: Field required");
  CHECK(anthropic_mistake(R"({"max_tokens":1,"messages":[]})") == "model: Field required");
  CHECK(anthropic_mistake("{").starts_with("The request body is not valid JSON"));
  CHECK(anthropic_mistake(message_body(R"(,"temperature":1.5)")) ==
        "temperature: Input should be less than or equal to 1");
  CHECK(anthropic_mistake(message_body(), "x-api-key: k\r\n") == "anthropic-version: header is required");
  CHECK(anthropic_mistake(R"({"model":"m","max_tokens":1,"messages":[{"role":"system","content":"x"}]})") ==
        "messages.0.role: Input should be one of 'user', 'assistant'");
  CHECK(anthropic_mistake(message_body(R"(,"thinking":{"type":"enabled","budget_tokens":1000})")).find("1024") !=
        std::string::npos);
  CHECK(anthropic_mistake(message_body(R"(,"thinking":{"type":"enabled","budget_tokens":4096})")) ==
        "`max_tokens` must be greater than `thinking.budget_tokens`.");
  CHECK(
      anthropic_mistake(R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant",)"
                        R"("content":[{"type":"thinking","thinking":"hm","signature":"forged"}]}]})")
          .find("Invalid `signature`") != std::string::npos);
}

TEST_CASE("newer models take no sampling, no budget and no prefill", "[anthropic]") {
  const std::string newer = "claude-opus-4-7";
  CHECK(anthropic_mistake(message_body(R"(,"temperature":0.5)")).empty());
  CHECK(anthropic_mistake(message_body(R"(,"temperature":0.5)", newer)) ==
        "`temperature` is deprecated for this model.");
  CHECK(anthropic_mistake(message_body(R"(,"temperature":1.0)", newer)).empty());
  CHECK_FALSE(anthropic_mistake(message_body(R"(,"thinking":{"type":"enabled","budget_tokens":1024})", newer)).empty());
  CHECK(anthropic_mistake(message_body(R"(,"thinking":{"type":"adaptive"})", newer)).empty());
  CHECK_FALSE(anthropic_mistake(message_body(R"(,"temperature":0.5,"top_p":0.9)", "claude-haiku-4-5")).empty());
}

TEST_CASE("the blocks of a stream, put together, are the message", "[anthropic]") {
  const std::string tool = R"(,"tools":[{"name":"t","input_schema":{"type":"object","properties":{"a":{}}}}])";
  for (const auto& [more, rate] : {std::pair(R"(,"thinking":{"type":"adaptive"})", 0.0), std::pair("", 1.0)}) {
    const AskedAnthropic asked = ask_anthropic(message_body(more + tool), AnswerShape{.tool_call_rate = rate});
    const std::vector<std::string> events = anthropic_events(asked.body.as_object(), 7);
    CHECK(events.front().starts_with("event: message_start\ndata: {\"type\":\"message_start\""));
    CHECK(events.back() == "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    std::string text;
    std::string input;
    for (const std::string& event : events) {
      CHECK(event.ends_with("}\n\n"));
      const json::value data = json::parse(event.substr(event.find("data: ") + 6));
      const json::object& delta = data.as_object().contains("delta") ? data.at("delta").as_object() : json::object();
      if (delta.contains("text")) text += std::string_view(delta.at("text").as_string());
      if (delta.contains("partial_json")) input += std::string_view(delta.at("partial_json").as_string());
      if (data.at("type") == "message_delta") {
        CHECK(delta.at("stop_reason") == asked.at("/stop_reason"));
        CHECK(data.at("usage").at("output_tokens") == asked.at("/usage/output_tokens"));
      }
    }
    CHECK(text == asked.answer.contents[0]);
    if (rate > 0) CHECK(json::parse(input) == asked.at("/content/0/input"));
  }
}

TEST_CASE("a text is cut between characters only", "[answers]") {
  CHECK(pieces_of("", 4).empty());
  CHECK(pieces_of("abcdef", 4) == std::vector<std::string_view>{"abcd", "ef"});
  CHECK(pieces_of("ab\xC3\xA9", 3) == std::vector<std::string_view>{"ab", "\xC3\xA9"});
  CHECK(pieces_of("\xF0\x9F\x98\x80x", 1) == std::vector<std::string_view>{"\xF0\x9F\x98\x80", "x"});
}

TEST_CASE("errors come in the vendor's envelope", "[anthropic]") {
  auto body = [](Trouble trouble) { return json::parse(anthropic_reply(trouble).body); };
  CHECK(body({Trouble::Kind::kServerError, 529, "", "", {}}).at_pointer("/error/type") == "overloaded_error");
  CHECK(body({Trouble::Kind::kForbidden, 403, "no", "", {}, "req_1"}) ==
        json::parse(R"({"type":"error","error":{"type":"permission_error","message":"no"},"request_id":"req_1"})"));
  const Trouble spent{Trouble::Kind::kThrottled, 429, "", "", {}, "", "enforced_spend_limit_reached"};
  CHECK(body(spent).at_pointer("/error/details/error_code") == "enforced_spend_limit_reached");
  CHECK(anthropic_reply(spent).headers.empty());
  const Reply stopped = anthropic_reply({Trouble::Kind::kOutOfCredit, 429, "", "", {}});
  CHECK(stopped.status == 400);
  CHECK(stopped.body.find("credit balance is too low") != std::string::npos);
  CHECK(anthropic_reply({Trouble::Kind::kThrottled, 429, "", "", {.retry_after = 1500ms}}).headers ==
        "retry-after: 2\r\n");
}

TEST_CASE("limit headers name the time of day and thousands of tokens", "[anthropic]") {
  limits::Limits limits({.requests_per_minute = 60, .input_tokens_per_minute = 60'000});
  REQUIRE(limits.admit({.input_tokens = 1200}, 0s).granted);
  const std::string headers = anthropic_limit_headers(limits, Moment{0s, 0, 1'800'000'000'000'000});
  CHECK(
      headers.starts_with("anthropic-ratelimit-requests-limit: 60\r\nanthropic-ratelimit-requests-remaining: 59\r\n"
                          "anthropic-ratelimit-requests-reset: 2027-01-15T08:00:01Z\r\n"));
  CHECK(headers.find("anthropic-ratelimit-input-tokens-remaining: 59000\r\n") != std::string::npos);
  CHECK(headers.find("anthropic-ratelimit-tokens-limit: 60000\r\n") != std::string::npos);
  CHECK(headers.find("output") == std::string::npos);
}
