// OpenAI's responses and completions: whole, streamed, cut, refused, and what they do not take.
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <string>

#include "tests/teachersim/dialects/openai_completions.h"
#include "tests/teachersim/dialects/openai_responses.h"

using namespace teachersim;
namespace json = boost::json;

namespace {

const AnswerShape kOpenAiShape{.bytes_min = 100, .bytes_max = 100, .cached_share = 0.5};

Answer answer_of(const Dialect& dialect, const std::string& body, const Stamp& stamp = {.id = "resp_1"}) {
  auto outcome = dialect.read(Call{.method = "POST", .path = "/v1/x", .body = body});
  if (const auto* trouble = std::get_if<Trouble>(&outcome)) FAIL(trouble->message);
  return dialect.answer(*std::get<std::unique_ptr<Question>>(outcome), stamp);
}

Trouble mistake_in(const Dialect& dialect, const std::string& body) {
  auto outcome = dialect.read(Call{.method = "POST", .path = "/v1/x", .body = body});
  REQUIRE(std::holds_alternative<Trouble>(outcome));
  return std::get<Trouble>(outcome);
}

OpenAiCompletions completions() {
  return OpenAiCompletions(kOpenAiShape, *find_chat_vendor("openai"), false);
}

std::string input(const std::string& more = "") {
  return R"({"model":"m","input":"Why?")" + more + "}";
}

json::value data_of(const std::string& event) {
  return json::parse(event.substr(event.find("data: ") + 6));
}

}  // namespace

TEST_CASE("a response is a list of items with its usage", "[responses]") {
  const OpenAiResponses dialect(kOpenAiShape);
  const Answer answer = answer_of(dialect, input(R"(,"reasoning":{"effort":"low","summary":"auto"})"));
  const json::value body = json::parse(answer.body);
  CHECK(body.at("status") == "completed");
  CHECK(body.at_pointer("/output/0/type") == "reasoning");
  CHECK(body.at_pointer("/output/0/summary/0/type") == "summary_text");
  CHECK(body.at_pointer("/output/1/content/0/text") == json::value(answer.contents[0]));
  CHECK(body.at_pointer("/usage/output_tokens_details/reasoning_tokens") == 32);
  CHECK(body.at_pointer("/usage/output_tokens") == 32 + 25);
  CHECK(dialect.speaks("/v1/responses"));
}

TEST_CASE("a response that is cut or filtered is incomplete and a refusal is a part", "[responses]") {
  const OpenAiResponses dialect(kOpenAiShape);
  const json::value cut = json::parse(answer_of(dialect, input(R"(,"max_output_tokens":16)")).body);
  CHECK(cut.at("status") == "incomplete");
  CHECK(cut.at_pointer("/incomplete_details/reason") == "max_output_tokens");
  const json::value refused = json::parse(answer_of(dialect, input(), {.id = "resp_1", .refuse = true}).body);
  CHECK(refused.at_pointer("/output/0/content/0/type") == "refusal");
  const json::value filtered =
      json::parse(answer_of(dialect, input(), {.id = "resp_1", .refuse = true, .refusal_code = "content_filter"}).body);
  CHECK(filtered.at_pointer("/incomplete_details/reason") == "content_filter");
}

TEST_CASE("a stream of responses ends with the whole response", "[responses]") {
  const OpenAiResponses dialect(kOpenAiShape);
  const json::value whole = json::parse(answer_of(dialect, input()).body);
  const Answer answer = answer_of(dialect, input(R"(,"stream":true)"));
  CHECK(answer.events.front().starts_with("event: response.created\ndata: "));
  CHECK(answer.events.back().starts_with("event: response.completed\n"));
  CHECK(data_of(answer.events.back()).at("response") == whole);
  std::string text;
  std::int64_t number = 0;
  for (const std::string& event : answer.events) {
    const json::value data = data_of(event);
    CHECK(data.at("sequence_number") == number++);
    if (data.at("type") == "response.output_text.delta") text += std::string_view(data.at("delta").as_string());
  }
  CHECK(text == answer.contents[0]);
}

TEST_CASE("responses have flat tools and take no stops and no seed and no n", "[responses]") {
  const OpenAiResponses dialect(kOpenAiShape);
  const json::value called = json::parse(
      answer_of(dialect, input(R"(,"tools":[{"type":"function","name":"t","parameters":{"type":"object"}}],)"
                               R"("tool_choice":{"type":"function","name":"t"})"))
          .body);
  CHECK(called.at_pointer("/output/0/type") == "function_call");
  CHECK(called.at_pointer("/output/0/arguments") == "{}");
  for (const std::string name : {"n", "seed", "stop", "max_tokens"}) {
    const Trouble trouble = mistake_in(dialect, input(",\"" + name + "\":1"));
    CHECK(trouble.message == "Unknown parameter: '" + name + "'.");
    CHECK(json::parse(dialect.reply(trouble).body).at_pointer("/error/code") == "unknown_parameter");
  }
  const Reply limit = dialect.reply({Trouble::Kind::kThrottled, 429, "slower", "", {}});
  CHECK(json::parse(limit.body).at_pointer("/error/code") == "rate_limit_exceeded");
}

TEST_CASE("each prompt of a completion has its choices", "[completions]") {
  const Answer answer =
      answer_of(completions(), R"({"model":"m","prompt":["a","b"],"n":2,"max_tokens":10,"echo":true,"logprobs":1})");
  const json::value body = json::parse(answer.body);
  CHECK(body.at("object") == "text_completion");
  REQUIRE(body.at("choices").as_array().size() == 4);
  CHECK(body.at_pointer("/choices/2/text") == json::value("b" + answer.contents[2]));
  CHECK(body.at_pointer("/choices/0/finish_reason") == "length");
  CHECK(body.at_pointer("/choices/0/logprobs/text_offset/1") == 4);
  CHECK(body.at_pointer("/usage/completion_tokens") == 40);
}

TEST_CASE("a completion says sixteen tokens unless more are asked for", "[completions]") {
  const Answer answer = answer_of(completions(), R"({"model":"m","prompt":[1,2,3],"stream":true})");
  CHECK(answer.usage.output_tokens == 16);
  CHECK(answer.events.back() == "data: [DONE]\n\n");
  std::string text;
  for (std::size_t i = 0; i + 1 < answer.events.size(); ++i)
    text += std::string_view(data_of(answer.events[i]).at_pointer("/choices/0/text").as_string());
  CHECK(text == answer.contents[0]);
  CHECK(mistake_in(completions(), R"({"model":"m"})").param == "prompt");
  CHECK(mistake_in(completions(), R"({"model":"m","prompt":"x","n":3,"best_of":2})").param == "best_of");
}

TEST_CASE("Azure's completions are found by their deployment", "[completions]") {
  const OpenAiCompletions azure(kOpenAiShape, *find_chat_vendor("azure"), true);
  const std::string path = "/openai/deployments/d/completions";
  CHECK(azure.speaks(path));
  CHECK_FALSE(completions().speaks(path));
  auto outcome = azure.read(Call{.path = path, .body = R"({"prompt":"x"})", .query = "api-version=1"});
  CHECK(std::get<std::unique_ptr<Question>>(outcome)->model == "d");
}
