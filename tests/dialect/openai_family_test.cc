// What azure-openai, mistral, openai-responses and openai-completions refuse, and how they show the key.
#include "service/dialect/registry/registry.h"
#include "service/dialect/registry/vendor.h"
#include "tests/dialect/refusal.h"

using namespace harvest;
using namespace harvest::testing;

TEST_CASE("a plain question passes everywhere", "[dialect]") {
  for (const char* dialect : {"azure-openai", "mistral", "openai-responses", "openai-completions"})
    CHECK(complaint(dialect, question()).empty());
}

TEST_CASE("azure-openai shows a key in a header of its own, a token as others do", "[dialect]") {
  v1::Teacher teacher;
  const dialect::Dialect& azure = *dialect::find_dialect("azure-openai");
  CHECK(azure.credential(teacher, "k").header == std::pair<std::string, std::string>("api-key", "k"));
  teacher.set_profile("entra");
  CHECK(azure.credential(teacher, "k").header == std::pair<std::string, std::string>("Authorization", "Bearer k"));
}

TEST_CASE("azure-openai refuses tiers that it does not sell", "[dialect]") {
  CHECK(complaint_about("azure-openai", [](v1::Sampling& s) {
          s.set_service_tier("flex");
        }).starts_with("service_tier: "));
  CHECK(complaint_about_key("azure-openai", "max_completion_tokens").starts_with("extra_body.max_completion_tokens: "));
}

TEST_CASE("mistral refuses what its server does not know", "[dialect]") {
  CHECK(complaint_about("mistral", [](v1::Sampling& s) { s.set_top_logprobs(0); }).starts_with("logprobs: "));
  CHECK(complaint_about("mistral", [](v1::Sampling& s) { s.set_temperature(1.6); }).starts_with("temperature: "));
  CHECK(complaint_about("mistral", [](v1::Sampling& s) {
          s.set_reasoning_effort("low");
        }).starts_with("reasoning_effort: "));
  CHECK(complaint_about("mistral", [](v1::Sampling& s) { s.set_service_tier("auto"); }).starts_with("service_tier: "));
  CHECK(complaint_about("mistral", [](v1::Sampling& s) {
          s.set_seed(1);
          s.set_extra_body_json(R"({"random_seed":2})");
        }).starts_with("extra_body.random_seed: "));
  v1::Prompt prompt = question();
  prompt.mutable_messages(0)->set_name("ada");
  CHECK(complaint("mistral", prompt).starts_with("messages[0].name: "));
  prompt = question();
  add(prompt, "assistant", "x").set_reasoning_content("hm");
  CHECK(complaint("mistral", prompt).starts_with("messages[1].reasoning_content: "));
  prompt = {};
  add(prompt, "developer", "x");
  CHECK(complaint("mistral", prompt).starts_with("messages[0].role: "));
}

TEST_CASE("openai-responses has no stop, seed, penalties, top_k", "[dialect]") {
  const char* dialect = "openai-responses";
  CHECK(complaint_about(dialect, [](v1::Sampling& s) { s.add_stop(std::string("x")); }).starts_with("stop: "));
  CHECK(complaint_about(dialect, [](v1::Sampling& s) { s.set_seed(1); }).starts_with("seed: "));
  CHECK(complaint_about(dialect, [](v1::Sampling& s) { s.set_presence_penalty(1); }).starts_with("presence_penalty: "));
  CHECK(complaint_about(dialect, [](v1::Sampling& s) { s.set_top_k(1); }).starts_with("top_k: "));
  CHECK(complaint_about(dialect, [](v1::Sampling& s) { s.set_top_logprobs(21); }).starts_with("top_logprobs: "));
  CHECK(complaint_about(dialect, [](v1::Sampling& s) {
          s.set_reasoning_effort("huge");
        }).starts_with("reasoning_effort: "));
  CHECK(complaint_about(dialect, [](v1::Sampling& s) {
          s.set_response_format_json(R"({"type":"json_schema","json_schema":{"schema":{}}})");
        }) == "response_format.json_schema.name: expected a name");
}

TEST_CASE("openai-responses keeps what decides cost out of extra_body", "[dialect]") {
  for (const char* key : {"store", "background", "previous_response_id", "conversation", "max_output_tokens", "input",
                          "instructions", "tools", "stream"})
    CHECK(complaint_about_key("openai-responses", key).starts_with(std::string("extra_body.") + key + ": "));
  for (const char* key : {"reasoning", "text", "include", "metadata", "truncation"})
    CHECK(complaint_about_key("openai-responses", key).empty());
  CHECK(complaint_about("openai-responses", [](v1::Sampling& s) {
          s.set_reasoning_effort("low");
          s.set_extra_body_json(R"({"reasoning":{}})");
        }).starts_with("extra_body.reasoning: "));
}

TEST_CASE("openai-responses refuses messages that have no item", "[dialect]") {
  v1::Prompt prompt = question();
  v1::Message& second = add(prompt, "tool", "42");
  CHECK(complaint("openai-responses", prompt).starts_with("messages[1].tool_call_id: "));
  second.set_role("assistant");
  second.set_tool_calls_json(R"([{"function":{"name":"f","arguments":"{}"}}])");
  CHECK(complaint("openai-responses", prompt).starts_with("messages[1].tool_calls: "));
  second.clear_tool_calls_json();
  second.set_name("ada");
  CHECK(complaint("openai-responses", prompt).starts_with("messages[1].name: "));
  second.clear_name();
  second.set_reasoning_content("hm");
  CHECK(complaint("openai-responses", prompt).starts_with("messages[1].reasoning_content: "));
  second.clear_reasoning_content();
  second.clear_content();
  second.set_parts_json(R"([{"type":"image_url","image_url":{"url":"https://x/y.png"}}])");
  CHECK(complaint("openai-responses", prompt).starts_with("messages[1].content: "));
  prompt = {};
  add(prompt, "system", "x");
  CHECK(complaint("openai-responses", prompt).starts_with("messages: "));
}

TEST_CASE("a part that says more than can be passed on is refused by its place", "[dialect]") {
  v1::Prompt prompt = question();
  v1::Message& message = *prompt.mutable_messages(0);
  message.clear_content();
  message.set_parts_json(R"([{"type":"text","text":"hi","cache_control":{"type":"ephemeral"}}])");
  for (const std::string_view dialect : {"openai-responses", "anthropic-messages"})
    CHECK(complaint(dialect, prompt).ends_with("parts[0]: expected nothing but type, text here"));
  message.set_parts_json(R"([{"text":"hi","type":"text"},{"type":"image_url","image_url":{"url":"https://h/x.png"}}])");
  CHECK(complaint("openai-responses", prompt).empty());
  message.set_parts_json(R"([{"type":"image_url","image_url":{"url":"https://h/x.png","fps":2}}])");
  CHECK(complaint("openai-responses", prompt).ends_with("parts[0].image_url: expected nothing but url, detail here"));
}

TEST_CASE("openai-completions takes one user message of plain text", "[dialect]") {
  const char* dialect = "openai-completions";
  v1::Prompt prompt = question();
  add(prompt, "assistant", "x");
  CHECK(complaint(dialect, prompt).starts_with("messages[1]: "));
  prompt = {};
  add(prompt, "system", "x");
  add(prompt, "user", "hi");
  CHECK(complaint(dialect, prompt).starts_with("messages[0].role: found system"));
  prompt = {};
  add(prompt, "user").set_parts_json(R"([{"type":"text","text":"x"}])");
  CHECK(complaint(dialect, prompt) == "messages[0].content: expected plain text");
  prompt = question();
  prompt.set_tools_json("[]");
  CHECK(complaint(dialect, prompt).starts_with("tools: "));
  prompt = question();
  prompt.mutable_messages(0)->set_name("ada");
  CHECK(complaint(dialect, prompt).starts_with("messages[0].name: "));
}

TEST_CASE("openai-completions has no formats and no efforts, and five alternatives at most", "[dialect]") {
  const char* dialect = "openai-completions";
  CHECK(complaint_about(dialect, [](v1::Sampling& s) { s.set_top_logprobs(6); }).starts_with("top_logprobs: "));
  CHECK(complaint_about(dialect, [](v1::Sampling& s) {
          s.set_reasoning_effort("low");
        }).starts_with("reasoning_effort: "));
  CHECK(complaint_about(dialect, [](v1::Sampling& s) { s.set_top_k(1); }).starts_with("top_k: "));
  CHECK(complaint_about(dialect, [](v1::Sampling& s) {
          s.set_response_format_json(R"({"type":"json_object"})");
        }).starts_with("response_format: "));
  for (const char* key : {"best_of", "echo", "n", "max_tokens", "prompt"})
    CHECK(complaint_about_key(dialect, key).starts_with(std::string("extra_body.") + key + ": "));
  v1::Teacher vllm;
  vllm.set_profile("vllm");
  v1::Sampling sampling;
  sampling.set_top_k(1);
  sampling.set_top_logprobs(20);
  CHECK(complaint(dialect, question(), sampling, vllm).empty());
}

TEST_CASE("what a chat request writes itself stands in it once", "[dialect]") {
  v1::Teacher vllm;
  vllm.set_profile("vllm");
  v1::Sampling sampling;
  sampling.set_extra_body_json(R"({"thinking_token_budget":1})");
  CHECK(complaint("openai-chat", question(), sampling, vllm).empty());
  sampling.set_reasoning_budget_tokens(2);
  CHECK(complaint("openai-chat", question(), sampling, vllm).starts_with("extra_body.thinking_token_budget: "));
  sampling.set_extra_body_json(R"({"top_k":1})");
  CHECK(complaint("openai-chat", question(), sampling, vllm).starts_with("extra_body.top_k: "));
  v1::Teacher deepseek;
  deepseek.set_profile("deepseek");
  sampling.Clear();
  sampling.set_extra_body_json(R"({"thinking":{"type":"disabled"}})");
  CHECK(complaint("openai-chat", question(), sampling, deepseek).empty());
  sampling.set_reasoning_effort("high");
  CHECK(complaint("openai-chat", question(), sampling, deepseek).starts_with("extra_body.thinking: "));
}

TEST_CASE("what DeepSeek would ignore in silence is refused unless it does not think", "[dialect]") {
  v1::Teacher deepseek;
  deepseek.set_profile("deepseek");
  const auto complaint_of = [&](const v1::Sampling& sampling) {
    return complaint("openai-chat", question(), sampling, deepseek);
  };
  v1::Sampling sampling;
  sampling.set_temperature(0.7);
  CHECK(complaint_of(sampling).starts_with("temperature: ignored while deepseek thinks"));
  sampling.set_reasoning_effort("high");
  CHECK(complaint_of(sampling).starts_with("temperature: "));
  sampling.set_reasoning_effort("none");
  CHECK(complaint_of(sampling).empty());
  sampling.clear_reasoning_effort();
  sampling.set_extra_body_json(R"({"thinking":{"type":"enabled"}})");
  CHECK(complaint_of(sampling).starts_with("temperature: "));
  sampling.set_extra_body_json(R"({"thinking":{"type":"disabled"}})");
  CHECK(complaint_of(sampling).empty());
  for (const char* field : {"top_p", "frequency_penalty", "presence_penalty"}) {
    v1::Sampling one;
    if (field == std::string_view("top_p")) one.set_top_p(0.5);
    if (field == std::string_view("frequency_penalty")) one.set_frequency_penalty(1);
    if (field == std::string_view("presence_penalty")) one.set_presence_penalty(1);
    CHECK(complaint_of(one).starts_with(std::string(field) + ": "));
  }
  v1::Sampling heard;
  heard.set_top_logprobs(5);
  heard.set_reasoning_effort("high");
  CHECK(complaint_of(heard).empty());
}

TEST_CASE("OpenRouter is told an effort or a budget for thinking, not both", "[dialect]") {
  v1::Teacher router;
  router.set_profile("openrouter");
  v1::Sampling sampling;
  sampling.set_reasoning_budget_tokens(2000);
  CHECK(complaint("openai-chat", question(), sampling, router).empty());
  sampling.set_reasoning_effort("high");
  CHECK(complaint("openai-chat", question(), sampling, router).starts_with("reasoning_budget_tokens: "));
}

TEST_CASE("numbers outside their range are refused before anybody is asked", "[dialect]") {
  for (const char* dialect : {"openai-chat", "azure-openai", "mistral", "openai-responses", "openai-completions",
                              "ollama", "gemini", "anthropic-messages", "bedrock-converse", "cohere-v2"}) {
    INFO(dialect);
    for (const double value : {5.0, -0.1})
      CHECK(complaint_about(dialect, [&](v1::Sampling& s) { s.set_top_p(value); }).starts_with("top_p: "));
    CHECK(complaint_about(dialect, [](v1::Sampling& s) { s.set_top_p(0.9); }).empty());
  }
  v1::Teacher openai;
  openai.set_profile("openai");
  for (const double value : {99.0, -2.1}) {
    v1::Sampling sampling;
    sampling.set_frequency_penalty(value);
    CHECK(complaint("openai-chat", question(), sampling, openai).starts_with("frequency_penalty: "));
    for (const char* dialect : {"azure-openai", "mistral", "openai-completions", "gemini", "cohere-v2"}) {
      INFO(dialect);
      CHECK(complaint(dialect, question(), sampling).starts_with("frequency_penalty: "));
      CHECK(complaint_about(dialect, [&](v1::Sampling& s) {
              s.set_presence_penalty(value);
            }).starts_with("presence_penalty: "));
    }
  }
  v1::Sampling sampling;
  sampling.set_presence_penalty(-2);
  CHECK(complaint("openai-chat", question(), sampling, openai).empty());
}

TEST_CASE("a teacher's vendor is who serves it, not who invented what it speaks", "[dialect]") {
  const auto vendor_at = [](std::string_view dialect, const char* endpoint, const char* profile = "") {
    v1::Teacher teacher;
    teacher.set_endpoint(endpoint);
    teacher.set_profile(profile);
    return dialect::vendor_of(*dialect::find_dialect(dialect), teacher);
  };
  CHECK(vendor_at("openai-chat", "https://api.openai.com/v1") == "openai");
  CHECK(vendor_at("openai-chat", "https://api.deepseek.com") == "deepseek");
  CHECK(vendor_at("openai-chat", "https://api.groq.com/openai/v1") == "groq");
  CHECK(vendor_at("openai-chat", "https://openrouter.ai/api/v1") == "openrouter");
  CHECK(vendor_at("openai-chat", "https://api.together.xyz/v1") == "together");
  CHECK(vendor_at("openai-chat", "https://api.mistral.ai/v1") == "mistral_ai");
  CHECK(vendor_at("openai-chat", "http://127.0.0.1:8000/v1", "vllm") == "vllm");
  CHECK(vendor_at("openai-chat", "http://127.0.0.1:8000/v1") == "openai_compatible");
  CHECK(vendor_at("openai-completions", "http://127.0.0.1:8000/v1", "vllm") == "vllm");
  CHECK(vendor_at("azure-openai", "https://x.openai.azure.com") == "azure.ai.openai");
  CHECK(vendor_at("mistral", "https://api.mistral.ai/v1") == "mistral_ai");
  CHECK(vendor_at("gemini", "https://generativelanguage.googleapis.com/v1beta") == "gcp.gemini");
  CHECK(vendor_at("gemini", "https://aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google",
                  "vertex") == "gcp.vertex_ai");
}
