// Those who imitate OpenAI's chat completions: what each adds, how it words a bad request and a limit.
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <string>

#include "tests/teachersim/dialects/azure_chat.h"
#include "tests/teachersim/dialects/chat_completions.h"

using namespace teachersim;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

std::string imitated_body(const std::string& more = "") {
  return R"({"model":"m","messages":[{"role":"user","content":"Why is the sky blue?"}])" + more + "}";
}

const ChatVendor& vendor(const std::string& name) {
  return *find_chat_vendor(name);
}

Answer imitated_answer(const std::string& name, const std::string& body,
                       const Stamp& stamp = {.id = "i", .created_s = 5}) {
  const AnswerShape shape{.bytes_min = 100, .bytes_max = 100, .reasoning_tokens = 10, .cached_share = 0.5};
  const ChatCompletions chat(shape, vendor(name));
  auto outcome = chat.read(body);
  if (const auto* trouble = std::get_if<Trouble>(&outcome)) FAIL(name << ": " << trouble->message);
  return chat.answer(*std::get<std::unique_ptr<Question>>(outcome), stamp);
}

json::value imitated(const std::string& name, const std::string& more = "") {
  return json::parse(imitated_answer(name, imitated_body(more)).body);
}

std::vector<json::value> chunks_of(const std::vector<std::string>& events) {
  std::vector<json::value> chunks;
  for (const std::string& event : events) {
    if (event.starts_with("data: {")) chunks.push_back(json::parse(event.substr(6)));
  }
  return chunks;
}

Trouble imitated_mistake(const std::string& name, const std::string& body, bool strict = false) {
  auto outcome = ChatCompletions({}, vendor(name), strict).read(body);
  return std::holds_alternative<Trouble>(outcome) ? std::get<Trouble>(outcome) : Trouble{};
}

const Trouble kBad{Trouble::Kind::kBadRequest, 400, "no good", "top_p", {}};
const Trouble kLimit{Trouble::Kind::kThrottled, 429, "slower", "", {.retry_after = 1500ms}};

json::value error_of(const std::string& name, const Trouble& trouble) {
  return json::parse(vendor(name).reply(trouble).body);
}

}  // namespace

TEST_CASE("every vendor says in a stream what it says at once", "[vendors]") {
  for (const std::string& name : chat_vendor_names()) {
    CAPTURE(name);
    if (name == "mistral") continue;  // its content comes in chunks, see below
    const json::value body = imitated(name);
    const std::string field(vendor(name).reasoning_field());
    std::string said;
    std::string thought;
    for (const json::value& chunk : chunks_of(imitated_answer(name, imitated_body(R"(,"stream":true)")).events)) {
      for (const json::value& choice : chunk.at("choices").as_array()) {
        const json::object& delta = choice.at("delta").as_object();
        if (delta.contains("content")) said += std::string_view(delta.at("content").as_string());
        if (!field.empty() && delta.contains(field)) thought += std::string_view(delta.at(field).as_string());
      }
    }
    CHECK(json::value(said) == body.at_pointer("/choices/0/message/content"));
    CHECK(thought.size() == (field.empty() ? 0 : 40));
    if (!field.empty()) CHECK(json::value(thought) == body.at_pointer("/choices/0/message").at(field));
    CHECK(body.at_pointer("/usage/completion_tokens") == 35);
  }
}

TEST_CASE("only OpenAI's answers name a tier and a fingerprint and a refusal", "[vendors]") {
  CHECK(imitated("openai").as_object().contains("system_fingerprint"));
  for (const std::string name :
       {"deepseek", "together", "openrouter", "vllm", "sglang", "llamacpp", "tgi", "mistral"}) {
    CHECK_FALSE(imitated(name).as_object().contains("system_fingerprint"));
    CHECK_FALSE(imitated(name).at_pointer("/choices/0/message").as_object().contains("refusal"));
  }
}

TEST_CASE("unknown parameters pass unless they are to be refused", "[vendors]") {
  const std::string unknown = imitated_body(R"(,"top_k":5)");
  CHECK(imitated_mistake("openai", unknown).message.empty());
  CHECK(imitated_mistake("openai", unknown, true).message == "Unrecognized request argument supplied: top_k");
  CHECK(imitated_mistake("vllm", unknown, true).message.empty());
  CHECK(imitated_mistake("together", unknown, true).message.empty());
  CHECK(imitated_mistake("mistral", unknown, true).param == "top_k");
}

TEST_CASE("Azure tells what its filter found and blocks prompts with 400", "[vendors]") {
  const AzureChat azure({.bytes_min = 20, .bytes_max = 20}, false);
  const std::string path = "/openai/deployments/d%2D1/chat/completions";
  CHECK(azure.speaks(path));
  CHECK_FALSE(ChatCompletions({}).speaks(path));
  const std::string body = R"({"messages":[{"role":"user","content":"x"}]})";
  auto outcome = azure.read(Call{.path = path, .body = body, .query = "api-version=2024-10-21"});
  REQUIRE(std::holds_alternative<std::unique_ptr<Question>>(outcome));
  const Answer answer = azure.answer(*std::get<std::unique_ptr<Question>>(outcome), {.id = "i"});
  CHECK(json::parse(answer.body).at("model") == "d-1");
  CHECK(json::parse(answer.body).at_pointer("/choices/0/content_filter_results/hate/severity") == "safe");
  CHECK(std::get<Trouble>(azure.read(Call{.path = path, .body = body})).status == 404);

  const Reply blocked = azure.reply({Trouble::Kind::kBadRequest, 400, "", "", {}, "", "content_filter"});
  CHECK(blocked.status == 400);
  CHECK(json::parse(blocked.body).at_pointer("/error/innererror/code") == "ResponsibleAIPolicyViolation");
  CHECK(error_of("azure", kLimit).at_pointer("/error/code") == "429");
  CHECK(vendor("azure").reply(kLimit).headers.find("retry-after-ms: 1500\r\n") != std::string::npos);
  CHECK(error_of("azure", kBad).at_pointer("/error/param") == "top_p");
  limits::Limits limits({.requests_per_minute = 60});
  REQUIRE(limits.admit({}, 0s).granted);
  CHECK(vendor("azure").limit_headers(limits, {0s, 0, 0}).find("x-ratelimit-reset-requests: 1\r\n") !=
        std::string::npos);
  const Answer streamed = imitated_answer("azure", imitated_body(R"(,"stream":true)"));
  CHECK(streamed.events.front().find("prompt_filter_results") != std::string::npos);
}

TEST_CASE("Mistral thinks in chunks and errs in flat objects", "[vendors]") {
  const json::value body = imitated("mistral");
  CHECK(body.at_pointer("/choices/0/message/content/0/type") == "thinking");
  CHECK(body.at_pointer("/choices/0/message/content/1/text").as_string().size() == 100);
  const auto chunks = chunks_of(imitated_answer("mistral", imitated_body(R"(,"stream":true)")).events);
  CHECK(chunks.back().at_pointer("/usage/total_tokens") == body.at_pointer("/usage/total_tokens"));
  CHECK(chunks.back().at_pointer("/choices/0/finish_reason") == "stop");
  CHECK(error_of("mistral", kLimit).at("code") == "1300");
  CHECK(error_of("mistral", kLimit).at("type") == "rate_limited");
  CHECK(vendor("mistral").reply(kBad).status == 422);
  CHECK(error_of("mistral", kBad).at_pointer("/message/detail/0/loc/1") == "top_p");
  CHECK(imitated_mistake("mistral", imitated_body(R"(,"seed":1)")).param == "seed");
  CHECK(imitated_mistake("mistral", imitated_body(R"(,"random_seed":1)"), true).message.empty());
  limits::Limits limits({.tokens_per_minute = 600});
  CHECK(vendor("mistral").limit_headers(limits, {0s, 0, 0}).find("ratelimitbysize-limit: 600\r\n") !=
        std::string::npos);
}

TEST_CASE("DeepSeek keeps alive and tells hits from misses", "[vendors]") {
  CHECK(imitated_answer("deepseek", imitated_body()).body.starts_with("\n\n{"));
  CHECK(imitated_answer("deepseek", imitated_body(R"(,"stream":true)")).events.front() == ": keep-alive\n\n");
  const json::value usage = imitated("deepseek").at("usage");
  CHECK(usage.at("prompt_cache_hit_tokens").as_int64() + usage.at("prompt_cache_miss_tokens").as_int64() ==
        usage.at("prompt_tokens").as_int64());
  const Trouble broke{Trouble::Kind::kOutOfCredit, 429, "", "", {}};
  CHECK(vendor("deepseek").reply(broke).status == 402);
  CHECK(error_of("deepseek", broke).at_pointer("/error/message") == "Insufficient Balance");
  CHECK(error_of("deepseek", kBad).at_pointer("/error/type") == "invalid_request_error");
  CHECK(vendor("deepseek").reply(kLimit).headers.empty());
  const std::string schema = R"(,"response_format":{"type":"json_schema","json_schema":{"name":"p","schema":{}}})";
  CHECK_FALSE(imitated_mistake("deepseek", imitated_body(schema)).message.empty());
  CHECK_FALSE(
      imitated_mistake("deepseek", imitated_body(R"(,"response_format":{"type":"json_object"})")).message.empty());
  const Answer odd = imitated_answer("deepseek", imitated_body(),
                                     {.id = "i", .refuse = true, .refusal_code = "insufficient_system_resource"});
  CHECK(json::parse(odd.body).at_pointer("/choices/0/finish_reason") == "insufficient_system_resource");
}

TEST_CASE("Groq takes one choice without logprobs and puts usage into x_groq", "[vendors]") {
  CHECK(imitated_mistake("groq", imitated_body(R"(,"n":2)")).param == "n");
  CHECK(imitated_mistake("groq", imitated_body(R"(,"logprobs":true)")).param == "logprobs");
  const auto chunks = chunks_of(imitated_answer("groq", imitated_body(R"(,"stream":true)")).events);
  CHECK(chunks.front().at("x_groq").as_object().contains("id"));
  CHECK(chunks.back().at_pointer("/x_groq/usage/completion_tokens") == 35);
  CHECK(imitated("groq").at("usage").as_object().contains("total_time"));
  CHECK(vendor("groq").reply(kLimit).headers == "retry-after: 2\r\n");
  CHECK(error_of("groq", kLimit).at_pointer("/error/code") == "rate_limit_exceeded");
  CHECK(error_of("groq", kBad).at_pointer("/error/type") == "invalid_request_error");
  limits::Limits limits({.requests_per_minute = 60, .requests_per_day = 1000});
  CHECK(vendor("groq").limit_headers(limits, {0s, 0, 0}).starts_with("x-ratelimit-limit-requests: 1000\r\n"));
}

TEST_CASE("Together ends with eos and gives logprobs in columns", "[vendors]") {
  const json::value body = imitated("together", R"(,"logprobs":1)");
  CHECK(body.at_pointer("/choices/0/finish_reason") == "eos");
  CHECK(body.at_pointer("/choices/0/logprobs/tokens").as_array().size() ==
        body.at_pointer("/choices/0/logprobs/token_logprobs").as_array().size());
  CHECK(error_of("together", kLimit).at_pointer("/error/type") == "rate_limit");
  CHECK(error_of("together", kBad).at_pointer("/error/param") == "top_p");
  limits::Limits limits({.requests_per_minute = 600});
  CHECK(vendor("together").limit_headers(limits, {0s, 0, 0}).starts_with("x-ratelimit-limit: 10\r\n"));
}

TEST_CASE("OpenRouter errs with numbers also inside a 200", "[vendors]") {
  CHECK(imitated_answer("openrouter", imitated_body(R"(,"stream":true)")).events.front() ==
        ": OPENROUTER PROCESSING\n\n");
  CHECK(imitated("openrouter").at("provider") == "Sim");
  CHECK(imitated("openrouter").at_pointer("/usage/cost").is_double());
  CHECK(imitated("openrouter").at_pointer("/choices/0/message/reasoning_details/0/type") == "reasoning.text");
  const Trouble broken{Trouble::Kind::kServerError, 502, "Provider returned error", "", {}};
  CHECK(json::parse(ChatCompletions({}, vendor("openrouter")).error_in_200(broken)).at_pointer("/error/code") == 502);
  CHECK(error_of("openrouter", kLimit).at_pointer("/error/code") == 429);
  CHECK(error_of("openrouter", kLimit).at_pointer("/error/metadata/headers/Retry-After") == "2");
  CHECK(error_of("openrouter", kBad).at_pointer("/error/code") == 400);
  CHECK(error_of("openrouter", {Trouble::Kind::kForbidden, 403, "", "", {}})
            .at_pointer("/error/metadata/reasons")
            .is_array());
}

TEST_CASE("servers of one's own have numbers for codes and no limit headers", "[vendors]") {
  CHECK(error_of("vllm", kBad).at_pointer("/error/code") == 400);
  CHECK(error_of("sglang", kBad).at("code") == 400);
  CHECK(error_of("sglang", kBad).at("object") == "error");
  CHECK(error_of("llamacpp", kLimit).at_pointer("/error/code") == 429);
  CHECK(error_of("tgi", kLimit).at("error_type") == "overloaded");
  CHECK(vendor("tgi").reply(kBad).status == 422);
  CHECK(imitated("sglang").at_pointer("/usage/reasoning_tokens") == 10);
  CHECK(imitated("llamacpp").at_pointer("/timings/predicted_n") == 35);
  CHECK(imitated("tgi", R"(,"n":3)").at("choices").as_array().size() == 1);
  CHECK(imitated("vllm").at_pointer("/choices/0").as_object().contains("stop_reason"));
  limits::Limits limits({.requests_per_minute = 600});
  for (const char* name : {"vllm", "sglang", "llamacpp", "tgi", "deepseek"})
    CHECK(vendor(name).limit_headers(limits, {0s, 0, 0}).empty());
}
