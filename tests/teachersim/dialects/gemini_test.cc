// Google's generateContent: candidates, thoughts, calls, logprobs, blocked prompts, streams, and the vendor's wording.
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <string>

#include "tests/teachersim/answers/tokenizer.h"
#include "tests/teachersim/dialects/gemini.h"
#include "tests/teachersim/dialects/gemini_answer.h"
#include "tests/teachersim/dialects/gemini_wording.h"

using namespace teachersim;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

constexpr const char* kPath = "/v1beta/models/gemini-x:generateContent";
constexpr const char* kVertexPath = "/v1/projects/p/locations/eu/publishers/google/models/gemini-x:generateContent";

std::string gemini_body(const std::string& config = "", const std::string& more = "") {
  return R"({"contents":[{"role":"user","parts":[{"text":"Why is the sky "},{"text":"blue?"}]}],"generationConfig":{)" +
         config + "}" + more + "}";
}

struct AskedGemini {
  std::unique_ptr<Question> question;
  Answer answer;
  json::value body;

  const GeminiRequest& wish() const { return static_cast<const GeminiRequest&>(*question); }
  const json::value& at(const char* pointer) const { return body.at_pointer(pointer); }
};

AskedGemini ask_gemini(const std::string& body, AnswerShape shape = {}, Stamp stamp = {.id = "gen-1"}) {
  const Gemini gemini(shape, Gemini::Door::kGeminiApi);
  auto outcome = gemini.read(Call{.path = kPath, .body = body});
  if (const auto* trouble = std::get_if<Trouble>(&outcome)) FAIL(trouble->message);
  AskedGemini asked;
  asked.question = std::move(std::get<std::unique_ptr<Question>>(outcome));
  asked.answer = gemini.answer(*asked.question, stamp);
  asked.body = json::parse(asked.answer.body);
  return asked;
}

std::string gemini_mistake(const std::string& body) {
  auto outcome = Gemini({}, Gemini::Door::kGeminiApi).read(Call{.path = kPath, .body = body});
  return std::holds_alternative<Trouble>(outcome) ? std::get<Trouble>(outcome).message : "";
}

}  // namespace

TEST_CASE("two doors lead to the same models", "[gemini]") {
  const Gemini api({}, Gemini::Door::kGeminiApi);
  const Gemini vertex({}, Gemini::Door::kVertex);
  CHECK((api.speaks(kPath) && !api.speaks(kVertexPath)));
  CHECK((vertex.speaks(kVertexPath) && !vertex.speaks(kPath)));
  CHECK(api.identify(Call{.headers = "X-Goog-Api-Key: k\r\n"}).key == "k");
  CHECK(api.identify(Call{.query = "alt=sse&key=k2"}).key == "k2");
  CHECK(vertex.identify(Call{.credential = "token", .headers = "x-goog-api-key: k\r\n"}).key == "token");
  CHECK(ask_gemini(gemini_body()).question->model == "gemini-x");
}

TEST_CASE("usage counts candidates without thoughts", "[gemini]") {
  const AskedGemini asked =
      ask_gemini(gemini_body(R"("candidateCount":2,"thinkingConfig":{"includeThoughts":true})"),
                 AnswerShape{.bytes_min = 100, .bytes_max = 100, .reasoning_tokens = 10, .cached_share = 0.5});
  CHECK(asked.at("/candidates/1/index") == 1);
  CHECK(asked.at("/candidates/0/content/parts/0/thought") == true);
  CHECK(asked.at("/candidates/0/content/parts/1/text") == json::value(asked.answer.contents[0]));
  CHECK(asked.at("/candidates/0/finishReason") == "STOP");
  const std::int64_t input = kTokensPerMessage + tokens_in("Why is the sky ") + tokens_in("blue?");
  CHECK(asked.at("/usageMetadata/promptTokenCount") == input);
  CHECK(asked.at("/usageMetadata/cachedContentTokenCount") == input / 2);
  CHECK(asked.at("/usageMetadata/candidatesTokenCount") == 50);
  CHECK(asked.at("/usageMetadata/thoughtsTokenCount") == 20);
  CHECK(asked.at("/usageMetadata/totalTokenCount") == input + 70);
  CHECK(asked.question->prompt == "Why is the sky blue?");
}

TEST_CASE("thoughts are billed unless they are switched off", "[gemini]") {
  const AnswerShape shape{.reasoning_tokens = 10};
  CHECK(ask_gemini(gemini_body(), shape).at("/usageMetadata/thoughtsTokenCount") == 10);
  CHECK_FALSE(ask_gemini(gemini_body(), shape).at("/candidates/0/content/parts/0").as_object().contains("thought"));
  CHECK(ask_gemini(gemini_body(R"("thinkingConfig":{"thinkingBudget":0})"), shape).wish().thinking == 0);
  CHECK(ask_gemini(gemini_body(R"("thinkingConfig":{"thinkingBudget":4})"), shape).wish().thinking == 4);
}

TEST_CASE("counts and caps do not change what a candidate says", "[gemini]") {
  const AskedGemini one = ask_gemini(gemini_body());
  CHECK(ask_gemini(gemini_body(R"("candidateCount":3)")).answer.contents[0] == one.answer.contents[0]);
  const AskedGemini cut = ask_gemini(gemini_body(R"("maxOutputTokens":5)"));
  CHECK(one.answer.contents[0].starts_with(cut.answer.contents[0]));
  CHECK(cut.at("/candidates/0/finishReason") == "MAX_TOKENS");
  CHECK(ask_gemini(gemini_body(R"("temperature":0.3)")).answer.contents[0] != one.answer.contents[0]);
}

TEST_CASE("logprobs come with their alternatives", "[gemini]") {
  const AskedGemini asked = ask_gemini(gemini_body(R"("maxOutputTokens":6,"responseLogprobs":true,"logprobs":3)"));
  CHECK(asked.at("/candidates/0/logprobsResult/chosenCandidates").as_array().size() == 6);
  CHECK(asked.at("/candidates/0/logprobsResult/topCandidates/5/candidates").as_array().size() == 3);
  CHECK(asked.at("/candidates/0/avgLogprobs").as_double() < 0);
}

TEST_CASE("a schema in capitals is filled and a function is called", "[gemini]") {
  const AskedGemini filled = ask_gemini(gemini_body(
      R"("responseMimeType":"application/json","responseSchema":{"type":"OBJECT","properties":{"n":{"type":"INTEGER"}}})"));
  CHECK(json::parse(filled.at("/candidates/0/content/parts/0/text").as_string()).at("n").is_int64());
  const AskedGemini called = ask_gemini(gemini_body(
      "", R"(,"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"b":)"
          R"({"type":"BOOLEAN"}}}}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY"}})"));
  CHECK(called.at("/candidates/0/content/parts/0/functionCall/name") == "f");
  CHECK(called.at("/candidates/0/content/parts/0/functionCall/args/b").is_bool());
}

TEST_CASE("a blocked prompt is answered without candidates and costs no output", "[gemini]") {
  const AskedGemini blocked = ask_gemini(gemini_body(), {}, {.id = "i", .refuse = true});
  CHECK(blocked.at("/promptFeedback/blockReason") == "PROHIBITED_CONTENT");
  CHECK_FALSE(blocked.body.as_object().contains("candidates"));
  CHECK(blocked.answer.usage.output_tokens == 0);
  const AskedGemini recited = ask_gemini(gemini_body(), {}, {.id = "i", .refuse = true, .refusal_code = "RECITATION"});
  CHECK(recited.at("/candidates/0/finishReason") == "RECITATION");
  CHECK_FALSE(recited.at("/candidates/0/content").as_object().contains("parts"));
}

TEST_CASE("the parts of a stream, put together, are the answer", "[gemini]") {
  const AskedGemini asked = ask_gemini(gemini_body(R"("candidateCount":2)"));
  const Stamp stamp{.id = "gen-1"};
  const auto parts = GeminiAnswer(asked.wish(), AnswerShape{}, stamp, false).parts(100);
  std::array<std::string, 2> texts;
  for (const json::object& part : parts) {
    const json::value& candidate = part.at("candidates").as_array()[0];
    texts.at(candidate.at("index").to_number<std::size_t>()) +=
        std::string_view(candidate.at_pointer("/content/parts/0/text").as_string());
  }
  CHECK(texts[0] == asked.answer.contents[0]);
  CHECK(texts[1] == asked.answer.contents[1]);
  CHECK(parts.back().at("usageMetadata") == asked.at("/usageMetadata"));
  CHECK(json::value(parts.back()).at_pointer("/candidates/0/finishReason") == "STOP");
}

TEST_CASE("what Google does not take is refused in its words", "[gemini]") {
  CHECK(gemini_mistake(R"({"contents":[],"n":1})") ==
        "Invalid JSON payload received. Unknown name \"n\": Cannot find field.");
  CHECK(gemini_mistake(R"({"contents":[]})").find("contents is not specified") != std::string::npos);
  CHECK(gemini_mistake(gemini_body(R"("candidateCount":9)")).find("generationConfig.candidateCount") !=
        std::string::npos);
  CHECK_FALSE(gemini_mistake(gemini_body(R"("logprobs":3)")).empty());
  CHECK_FALSE(gemini_mistake(gemini_body(R"("responseSchema":{"type":"OBJECT"})")).empty());
  CHECK_FALSE(gemini_mistake(gemini_body(R"("stopSequences":["a","b","c","d","e","f"])")).empty());
}

TEST_CASE("a wrong key is a bad request, and limits tell quota and delay", "[gemini]") {
  const Reply wrong = gemini_reply({Trouble::Kind::kUnauthorized, 401, "x", "", {}}, false);
  CHECK(wrong.status == 400);
  CHECK(json::parse(wrong.body).at_pointer("/error/details/0/reason") == "API_KEY_INVALID");
  CHECK(gemini_reply({Trouble::Kind::kUnauthorized, 401, "x", "", {}}, true).status == 401);
  const json::value slow =
      json::parse(gemini_error({Trouble::Kind::kThrottled, 429, "x", "", {.retry_after = 1500ms}}, false));
  CHECK(slow.at_pointer("/error/status") == "RESOURCE_EXHAUSTED");
  CHECK(slow.at_pointer("/error/details/0/violations/0/quotaId") == "GenerateRequestsPerMinutePerProjectPerModel");
  CHECK(slow.at_pointer("/error/details/1/retryDelay") == "1.500s");
  const json::value daily =
      json::parse(gemini_error({Trouble::Kind::kThrottled, 429, "", "", {}, "", "PerDay"}, false));
  CHECK(std::string_view(daily.at_pointer("/error/details/0/violations/0/quotaId").as_string()).find("PerDay") !=
        std::string_view::npos);
  CHECK(gemini_error({Trouble::Kind::kOutOfCredit, 429, "", "", {}}, false).find("limit: 0") != std::string::npos);
  const Trouble region{Trouble::Kind::kBadRequest, 400, "", "", {}, "", "FAILED_PRECONDITION"};
  CHECK(json::parse(gemini_error(region, false)).at_pointer("/error/status") == "FAILED_PRECONDITION");
}
