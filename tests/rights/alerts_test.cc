#include "service/rights/alerts.h"

#include <catch2/catch.hpp>
#include <vector>

using harvest::rights::may_ask_despite;
using harvest::rights::model_line;
using harvest::rights::ModelLine;
using harvest::rights::must_state_line;
using harvest::rights::standing_alert;
namespace v1 = harvest::v1;

namespace {

v1::Teacher teacher(const char* model, const char* vendor = "") {
  v1::Teacher made;
  made.set_name("t");
  made.set_model(model);
  made.set_vendor(vendor);
  return made;
}

v1::RightsAlert alert(const char* owner, const char* family, v1::AlertDecision decision = v1::UNDECIDED) {
  v1::RightsAlert made;
  made.set_number(1);
  made.set_cause(v1::DISTILLATION_REFUSED);
  made.set_model_owner(owner);
  made.set_model_family(family);
  made.set_vendor_code("frontier_llm");
  made.set_decision(decision);
  return made;
}

v1::Use use(v1::Purpose purpose) {
  v1::Use made;
  made.set_purpose(purpose);
  return made;
}

}  // namespace

TEST_CASE("a model is of one line whoever serves it", "[rights]") {
  const ModelLine claude{"anthropic", "claude"};
  CHECK(model_line(teacher("claude-sonnet-4-5", "anthropic")) == claude);
  CHECK(model_line(teacher("us.anthropic.claude-opus-4-20260101-v1:0", "aws.bedrock")) == claude);
  CHECK(model_line(teacher("anthropic/claude-3.5-haiku", "openrouter")) == claude);
  CHECK(model_line(teacher("gpt-4o-mini", "azure.ai.openai")) == ModelLine{"openai", "gpt"});
  CHECK(model_line(teacher("openai/gpt-oss-120b", "groq")) == ModelLine{"openai", "gpt-oss"});
  CHECK(model_line(teacher("o4-mini-2025-04-16", "openai")) == ModelLine{"openai", "o"});
  CHECK(model_line(teacher("Qwen/Qwen2.5-7B-Instruct")) == ModelLine{"alibaba", "qwen"});
}

TEST_CASE("a name that tells nothing is a family of its own", "[rights]") {
  CHECK(model_line(teacher("Our-Own-7B", "vllm")) == ModelLine{"vllm", "our-own-7b"});
  v1::Teacher stated = teacher("deployment-17", "azure.ai.openai");
  stated.set_model_owner("OpenAI");
  stated.set_model_family("GPT");
  CHECK(model_line(stated) == ModelLine{"openai", "gpt"});
}

TEST_CASE("an alert stops training on its line and nothing else", "[rights]") {
  const std::vector<v1::RightsAlert> alerts{alert("anthropic", "claude")};
  const v1::Teacher bedrock = teacher("anthropic.claude-3-haiku", "aws.bedrock");
  CHECK(standing_alert(alerts, bedrock, use(v1::TRAINING)) != nullptr);
  CHECK(standing_alert(alerts, bedrock, use(v1::EVALUATION)) == nullptr);
  CHECK(standing_alert(alerts, teacher("gpt-4o"), use(v1::TRAINING)) == nullptr);
  const absl::Status refused = may_ask_despite(alerts, bedrock, use(v1::TRAINING));
  CHECK(refused.code() == absl::StatusCode::kPermissionDenied);
  CHECK(refused.message().find("rights alert 1 on anthropic claude") != std::string_view::npos);
  CHECK(refused.message().find("frontier_llm") != std::string_view::npos);
  CHECK(refused.message().find("undecided") != std::string_view::npos);
}

TEST_CASE("an upheld alert stands, a lifted one does not", "[rights]") {
  const std::vector<v1::RightsAlert> upheld{alert("openai", "gpt", v1::UPHELD)};
  const std::vector<v1::RightsAlert> lifted{alert("openai", "gpt", v1::LIFTED)};
  CHECK_FALSE(may_ask_despite(upheld, teacher("gpt-4o"), use(v1::TRAINING)).ok());
  CHECK(may_ask_despite(lifted, teacher("gpt-4o"), use(v1::TRAINING)).ok());
}

TEST_CASE("where a name tells no line it may be any model of its vendor", "[rights]") {
  std::vector<v1::RightsAlert> alerts{alert("openai", "gpt")};
  alerts[0].set_vendor("openai");
  alerts[0].set_model("gpt-4o");
  CHECK(standing_alert(alerts, teacher("prod-chat", "OpenAI"), use(v1::TRAINING)) != nullptr);
  CHECK(standing_alert(alerts, teacher("prod-chat", "vllm"), use(v1::TRAINING)) == nullptr);
  CHECK(standing_alert(alerts, teacher("gpt-oss-120b", "openai"), use(v1::TRAINING)) == nullptr);
  v1::Teacher stated = teacher("prod-chat", "openai");
  stated.set_model_owner("us");
  stated.set_model_family("ours");
  CHECK(standing_alert(alerts, stated, use(v1::TRAINING)) == nullptr);

  alerts[0] = alert("openai", "prod-chat");
  alerts[0].set_vendor("openai");
  alerts[0].set_model("prod-chat");
  CHECK(standing_alert(alerts, teacher("gpt-4o", "openai"), use(v1::TRAINING)) != nullptr);
  CHECK(standing_alert(alerts, teacher("claude-sonnet-4-5", "anthropic"), use(v1::TRAINING)) == nullptr);
}

TEST_CASE("servers that anybody runs are no vendor: an alert on one touches its own model alone", "[rights]") {
  for (const char* server : {"openai_compatible", "vllm", "sglang", "llama.cpp", "tgi", "ollama"}) {
    INFO(server);
    std::vector<v1::RightsAlert> alerts{alert(server, "prod-chat")};
    alerts[0].set_vendor(server);
    alerts[0].set_model("prod-chat");
    CHECK(standing_alert(alerts, teacher("prod-chat", server), use(v1::TRAINING)) != nullptr);
    CHECK(standing_alert(alerts, teacher("another", server), use(v1::TRAINING)) == nullptr);
    CHECK(standing_alert(alerts, teacher("llama-3.1-8b", server), use(v1::TRAINING)) == nullptr);
  }
}

TEST_CASE("names that customers choose must come with whose model it is", "[rights]") {
  v1::Teacher deployment = teacher("prod-chat");
  CHECK(must_state_line(deployment).empty());
  for (const char* reseller : {"openrouter", "together", "groq"}) {
    CHECK_FALSE(must_state_line(teacher("openrouter/auto", reseller)).empty());
    CHECK(must_state_line(teacher("anthropic/claude-opus-4", reseller)).empty());
  }
  deployment.set_dialect("azure-openai");
  CHECK(must_state_line(deployment).find("model_owner and model_family") != std::string::npos);
  deployment.set_model_owner("openai");
  CHECK_FALSE(must_state_line(deployment).empty());
  deployment.set_model_family("gpt");
  CHECK(must_state_line(deployment).empty());
  deployment = teacher("gpt-4o-prod");
  deployment.set_dialect("azure-openai");
  CHECK(must_state_line(deployment).empty());
  CHECK_FALSE(must_state_line(teacher("arn:aws:bedrock:us-east-1:1:application-inference-profile/ab12")).empty());
  CHECK(must_state_line(teacher("arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-3")).empty());
}
