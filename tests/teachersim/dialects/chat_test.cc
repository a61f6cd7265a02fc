// The chat dialect: deterministic answers, honest usage, the vendor's wording.
#include <algorithm>
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <string>

#include "tests/teachersim/answers/prose.h"
#include "tests/teachersim/answers/tokenizer.h"
#include "tests/teachersim/dialects/canned.h"
#include "tests/teachersim/dialects/chat_completions.h"
#include "tests/teachersim/dialects/openai_wording.h"

using namespace teachersim;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

struct AskedChat {
  std::unique_ptr<Question> question;
  Answer answer;
  json::value body;

  const json::value& at(const char* pointer) const { return body.at_pointer(pointer); }
  std::string text(int choice = 0) const {
    return std::string(at(("/choices/" + std::to_string(choice) + "/message/content").c_str()).as_string());
  }
};

AskedChat ask_chat(const std::string& body, AnswerShape shape = {}, bool refuse = false) {
  const ChatCompletions chat(shape);
  auto outcome = chat.read(body);
  REQUIRE(std::holds_alternative<std::unique_ptr<Question>>(outcome));
  AskedChat asked;
  asked.question = std::move(std::get<std::unique_ptr<Question>>(outcome));
  asked.answer = chat.answer(*asked.question, Stamp{.id = "id-1", .created_s = 5, .refuse = refuse});
  if (asked.answer.content_type == "application/json") asked.body = json::parse(asked.answer.body);
  return asked;
}

Trouble trouble_with(const std::string& body) {
  auto outcome = ChatCompletions(AnswerShape{}).read(body);
  REQUIRE(std::holds_alternative<Trouble>(outcome));
  return std::get<Trouble>(outcome);
}

std::string chat_body(const std::string& more = "", const std::string& prompt = "Why is the sky blue?") {
  return R"({"model":"m-1","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":")" + prompt +
         "\"}]" + more + "}";
}

}  // namespace

TEST_CASE("a text never has more tokens than bytes", "[answers]") {
  CHECK(tokens_in("") == 0);
  CHECK(tokens_in("a") == 1);
  CHECK(tokens_in("abcd") == 1);
  CHECK(tokens_in("abcde") == 2);
  CHECK(first_tokens("abcdefgh", 1) == "abcd");
  CHECK(first_tokens("abc\xC3\xA9", 1) == "abc");  // never half a character
}

TEST_CASE("prose has exactly the length asked for", "[answers]") {
  for (const std::size_t bytes : {1, 2, 100, 1500, 20'000}) {
    Draw draw(bytes);
    CHECK(prose(draw, bytes).size() == bytes);
  }
}

TEST_CASE("the same question gets the same answer and another seed another", "[chat]") {
  CHECK(ask_chat(chat_body()).text() == ask_chat(chat_body()).text());
  CHECK(ask_chat(chat_body()).text() != ask_chat(chat_body("", "Why is grass green?")).text());
  CHECK(ask_chat(chat_body()).text() != ask_chat(chat_body(R"(,"seed":2)")).text());
  CHECK(ask_chat(chat_body()).text() != ask_chat(chat_body(R"(,"temperature":0.5)")).text());
  CHECK(ask_chat(chat_body()).text() != ask_chat(chat_body(), AnswerShape{.seed = 9}).text());
}

TEST_CASE("caps and the number of choices do not change what is said", "[chat]") {
  const std::string whole = ask_chat(chat_body()).text();
  const std::string cut = ask_chat(chat_body(R"(,"max_tokens":10)")).text();
  CHECK(whole.starts_with(cut));
  const AskedChat three = ask_chat(chat_body(R"(,"n":3)"));
  CHECK(three.text(0) == whole);
  CHECK(three.text(1) != whole);
  CHECK(three.text(2) != three.text(1));
}

TEST_CASE("usage is what the tokenizer says", "[chat]") {
  const AskedChat asked = ask_chat(chat_body(R"(,"n":2)"), AnswerShape{.cached_share = 0.5});
  const std::int64_t input = 2 * kTokensPerMessage + tokens_in("Be brief.") + tokens_in("Why is the sky blue?");
  CHECK(asked.at("/usage/prompt_tokens") == input);
  CHECK(asked.at("/usage/prompt_tokens_details/cached_tokens") == input / 2);
  CHECK(asked.at("/usage/completion_tokens") == 2 * tokens_in(asked.text()));
  CHECK(asked.at("/usage/total_tokens") == input + 2 * tokens_in(asked.text()));
  CHECK(asked.answer.usage.output_tokens == 2 * 375);
  CHECK(asked.answer.contents == std::vector<std::string>{asked.text(0), asked.text(1)});
  CHECK(asked.at("/model") == "m-1");
  CHECK(asked.at("/id") == "id-1");
  CHECK(asked.at("/created") == 5);
  CHECK(asked.at("/system_fingerprint").is_string());
  CHECK(asked.at("/choices/0/finish_reason") == "stop");
}

TEST_CASE("input tokens stay below the bytes of the request plus sixteen per message", "[chat]") {
  for (const std::string& prompt : {std::string("a"), std::string(5000, 'x'), std::string("\xC3\xA9\xC3\xA9")}) {
    const std::string body = chat_body("", prompt);
    CHECK(ask_chat(body).question->input_tokens <= static_cast<std::int64_t>(prompt.size() + 9) + 2 * 16);
  }
}

TEST_CASE("a stream tells the logprobs that the whole answer tells", "[chat]") {
  const std::string wish = R"(,"logprobs":true,"top_logprobs":2,"max_tokens":21)";
  const AskedChat whole = ask_chat(chat_body(wish));
  json::array told;
  for (const std::string& event : ask_chat(chat_body(wish + R"(,"stream":true)")).answer.events) {
    if (!event.starts_with("data: {")) continue;
    const json::value chunk = json::parse(event.substr(6));
    const json::value& logprobs = chunk.at_pointer("/choices/0/logprobs");
    if (logprobs.is_null()) continue;
    std::string joined;
    for (const json::value& entry : logprobs.at("content").as_array()) {
      joined += std::string_view(entry.at("token").as_string());
      told.push_back(entry);
    }
    CHECK(json::value(joined) == chunk.at_pointer("/choices/0/delta/content"));
  }
  CHECK(told == whole.at("/choices/0/logprobs/content").as_array());
}

TEST_CASE("an answer longer than the cap is cut and says so", "[chat]") {
  for (const char* cap :
       {R"(,"max_tokens":20)", R"(,"max_completion_tokens":20)", R"(,"max_tokens":9,"max_completion_tokens":20)"}) {
    const AskedChat asked = ask_chat(chat_body(cap));
    CHECK(asked.at("/choices/0/finish_reason") == "length");
    CHECK(asked.text().size() == 80);
    CHECK(asked.at("/usage/completion_tokens") == 20);
    CHECK(asked.question->output_cap == 20);
  }
  CHECK(ask_chat(chat_body(R"(,"max_tokens":20,"n":3)")).question->output_cap == 60);
}

TEST_CASE("reasoning is billed within the cap", "[chat]") {
  const AskedChat asked = ask_chat(chat_body(R"(,"max_completion_tokens":30)"), AnswerShape{.reasoning_tokens = 25});
  CHECK(asked.at("/usage/completion_tokens") == 30);
  CHECK(asked.at("/usage/completion_tokens_details/reasoning_tokens") == 25);
  CHECK(asked.text().size() == 20);
  const AskedChat starved = ask_chat(chat_body(R"(,"max_completion_tokens":10)"), AnswerShape{.reasoning_tokens = 25});
  CHECK(starved.text().empty());
  CHECK(starved.at("/choices/0/finish_reason") == "length");
  CHECK(starved.at("/usage/completion_tokens") == 10);
}

TEST_CASE("answers have lengths between the two that are configured", "[chat]") {
  std::size_t least = 1000;
  std::size_t most = 0;
  for (int i = 0; i < 200; ++i) {
    const std::size_t size =
        ask_chat(chat_body("", "question " + std::to_string(i)), AnswerShape{.bytes_min = 100, .bytes_max = 200})
            .text()
            .size();
    least = std::min(least, size);
    most = std::max(most, size);
  }
  CHECK((least >= 100 && least < 115));
  CHECK((most <= 200 && most > 185));
}

TEST_CASE("a stop sequence ends the text before it", "[chat]") {
  const std::string whole = ask_chat(chat_body(R"(,"stop":"\u0000")")).text();
  CHECK(whole.find(". ") != std::string::npos);
  const AskedChat asked = ask_chat(chat_body(R"(,"stop":[". "])"));
  CHECK(asked.text().find(". ") == std::string::npos);
  CHECK(asked.at("/choices/0/finish_reason") == "stop");
}

TEST_CASE("logprobs tell one entry per token", "[chat]") {
  const AskedChat asked = ask_chat(chat_body(R"(,"max_tokens":12,"logprobs":true,"top_logprobs":3)"));
  const json::array& entries = asked.at("/choices/0/logprobs/content").as_array();
  REQUIRE(entries.size() == 12);
  std::string joined;
  for (const json::value& entry : entries) {
    joined += std::string(entry.at("token").as_string());
    CHECK(entry.at("top_logprobs").as_array().size() == 3);
    CHECK(entry.at("logprob").as_double() <= 0);
  }
  CHECK(joined == asked.text());
  CHECK(ask_chat(chat_body()).at("/choices/0/logprobs").is_null());
}

TEST_CASE("a tool call has arguments that fit its schema", "[chat]") {
  const std::string tools =
      R"(,"tools":[{"type":"function","function":{"name":"look_up","parameters":{"type":"object","properties":)"
      R"({"city":{"type":"string"},"days":{"type":"integer","minimum":3,"maximum":5},"unit":{"enum":["C","F"]}}}}}])";
  CHECK(ask_chat(chat_body(tools)).at("/choices/0/finish_reason") == "stop");
  for (const auto& [more, rate] :
       std::vector<std::pair<std::string, double>>{{"", 1.0}, {R"(,"tool_choice":"required")", 0.0}}) {
    const AskedChat asked = ask_chat(chat_body(tools + more), AnswerShape{.tool_call_rate = rate});
    CHECK(asked.at("/choices/0/finish_reason") == "tool_calls");
    CHECK(asked.at("/choices/0/message/content").is_null());
    CHECK(asked.at("/choices/0/message/tool_calls/0/function/name") == "look_up");
    const json::value arguments =
        json::parse(asked.at("/choices/0/message/tool_calls/0/function/arguments").as_string());
    CHECK(arguments.at("city").is_string());
    CHECK((arguments.at("days").as_int64() >= 3 && arguments.at("days").as_int64() <= 5));
    CHECK((arguments.at("unit") == "C" || arguments.at("unit") == "F"));
  }
  CHECK(ask_chat(chat_body(tools + R"(,"tool_choice":"none")"), AnswerShape{.tool_call_rate = 1})
            .at("/choices/0/finish_reason") == "stop");
}

TEST_CASE("a json schema gets an object of its shape", "[chat]") {
  const AskedChat asked = ask_chat(chat_body(
      R"(,"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object","properties":)"
      R"({"steps":{"type":"array","minItems":2,"items":{"$ref":"#/$defs/step"}},"ok":{"type":"boolean"}},)"
      R"("$defs":{"step":{"type":"object","properties":{"text":{"type":"string"},"next":{"$ref":"#/$defs/step"}}}}}}})"));
  const json::value object = json::parse(asked.text());
  REQUIRE(object.at("steps").as_array().size() == 2);
  CHECK(object.at("steps").as_array()[0].at("text").is_string());
  CHECK(object.at("ok").is_bool());
  CHECK(
      json::parse(ask_chat(chat_body(R"(,"response_format":{"type":"json_object"})")).text()).at("answer").is_string());
}

TEST_CASE("a refusal has no content and says so in the vendor's words", "[chat]") {
  const AskedChat asked = ask_chat(chat_body(), {}, true);
  CHECK(asked.at("/choices/0/message/content").is_null());
  CHECK(asked.at("/choices/0/message/refusal").is_string());
  CHECK(asked.at("/choices/0/finish_reason") == "content_filter");
  CHECK(asked.answer.usage.output_tokens > 0);
}

TEST_CASE("a streamed answer ends with usage and done", "[chat]") {
  const AskedChat asked = ask_chat(chat_body(R"(,"stream":true,"stream_options":{"include_usage":true})"));
  CHECK(asked.answer.content_type == "text/event-stream");
  REQUIRE(asked.answer.events.size() > 3);
  CHECK(asked.answer.events.back() == "data: [DONE]\n\n");
  const std::string& usage = asked.answer.events[asked.answer.events.size() - 2];
  CHECK(usage.find("\"choices\":[],\"usage\":{\"prompt_tokens\":") != std::string::npos);
}

TEST_CASE("the prompt is the text of the last user message", "[chat]") {
  const AskedChat asked =
      ask_chat(R"({"model":"m","messages":[{"role":"user","content":"first"},{"role":"assistant","content":null},)"
               R"({"role":"user","content":[{"type":"text","text":"sec"},{"type":"text","text":"ond"}]}]})");
  CHECK(asked.question->prompt == "second");
}

TEST_CASE("what is wrong with a request is told with its field", "[chat]") {
  CHECK(trouble_with("{").message.find("parse") != std::string::npos);
  CHECK(trouble_with("[]").status == 400);
  CHECK(trouble_with(R"({"messages":[]})").param == "model");
  CHECK(trouble_with(R"({"model":"m"})").param == "messages");
  CHECK(trouble_with(R"({"model":"m","messages":[]})").param == "messages");
  CHECK(trouble_with(R"({"model":"m","messages":[{"role":"wizard","content":"x"}]})").param == "messages[0].role");
  CHECK(trouble_with(R"({"model":"m","messages":[{"role":"user","content":7}]})").param == "messages[0].content");
  CHECK(trouble_with(chat_body(R"(,"n":0)")).param == "n");
  CHECK(trouble_with(chat_body(R"(,"max_tokens":"many")")).param == "max_tokens");
  CHECK(trouble_with(chat_body(R"(,"temperature":3)")).param == "temperature");
  CHECK(trouble_with(chat_body(R"(,"top_logprobs":3)")).param == "top_logprobs");
  CHECK(trouble_with(chat_body(R"(,"tools":[])")).param == "tools");
  CHECK(trouble_with(chat_body(R"(,"stream_options":{})")).param == "stream_options");
  CHECK(trouble_with("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\xFF\"}]}").status == 400);
}

TEST_CASE("a throttled reply has the vendor's body and both retry headers", "[chat]") {
  Trouble trouble{Trouble::Kind::kThrottled, 429, "slow down", "", {.retry_after = 1500ms}};
  trouble.decision.refused_by = limits::Dimension::kTokens;
  const Reply reply = openai_reply(trouble);
  const json::value body = json::parse(reply.body);
  CHECK(reply.status == 429);
  CHECK(body.at_pointer("/error/code") == "rate_limit_exceeded");
  CHECK(body.at_pointer("/error/type") == "tokens");
  CHECK(body.at_pointer("/error/param").is_null());
  CHECK(reply.headers == "retry-after: 2\r\nretry-after-ms: 1500\r\n");
}

TEST_CASE("limit headers tell figures per minute whatever the window", "[chat]") {
  limits::Limits limits(
      {.requests_per_minute = 600, .input_tokens_per_minute = 6000, .window = 1s, .token_window = 60s});
  REQUIRE(limits.admit({.input_tokens = 1000}, 0s).granted);
  CHECK(
      openai_limit_headers(limits, 0s) ==
      "x-ratelimit-limit-requests: 600\r\nx-ratelimit-remaining-requests: 540\r\nx-ratelimit-reset-requests: 100ms\r\n"
      "x-ratelimit-limit-tokens: 6000\r\nx-ratelimit-remaining-tokens: 5000\r\nx-ratelimit-reset-tokens: 10s\r\n");
}

TEST_CASE("durations are written as the vendor writes them", "[chat]") {
  CHECK(openai_duration(0s) == "0s");
  CHECK(openai_duration(12ms) == "12ms");
  CHECK(openai_duration(1s) == "1s");
  CHECK(openai_duration(7660ms) == "7.66s");
  CHECK(openai_duration(6min) == "6m0s");
  CHECK(openai_duration(90min) == "1h30m0s");
}

TEST_CASE("a canned answer is one and the same and its usage is in it", "[chat]") {
  const Canned canned(AnswerShape{.bytes_min = 800, .bytes_max = 800});
  auto outcome = canned.read("not even JSON");
  const auto& question = std::get<std::unique_ptr<Question>>(outcome);
  const Answer answer = canned.answer(*question, {});
  const json::value body = json::parse(answer.body);
  CHECK(body.at_pointer("/usage/prompt_tokens") == question->input_tokens);
  CHECK(body.at_pointer("/usage/completion_tokens") == 200);
  CHECK(answer.usage.output_tokens <= question->output_cap);
}

TEST_CASE("a canned answer streams as many events as it was told", "[chat]") {
  const Canned canned(AnswerShape{.canned_events = 200});
  auto outcome =
      canned.read(R"({"model":"m","messages":[{"role":"user","content":"say \"stream\""}],"stream" : true})");
  const auto& question = std::get<std::unique_ptr<Question>>(outcome);
  REQUIRE(question->stream);
  const Answer answer = canned.answer(*question, {});
  const auto speaks = [](const std::string& event) { return event.find("{\"content\":\"") != std::string::npos; };
  CHECK(std::count_if(answer.events.begin(), answer.events.end(), speaks) == 200);
  CHECK(answer.usage.output_tokens == question->output_cap);
  CHECK(answer.contents.front().size() == 200 * 16);
  const auto& quiet = canned.read(R"({"messages":[{"role":"user","content":"\"stream\":true"}],"stream":false})");
  CHECK_FALSE(std::get<std::unique_ptr<Question>>(quiet)->stream);
}
