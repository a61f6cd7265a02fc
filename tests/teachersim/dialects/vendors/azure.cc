// Azure OpenAI: OpenAI's answers with what its content filter found, its own words for troubles, resets in whole
// seconds.
#include "tests/teachersim/dialects/openai_wording.h"
#include "tests/teachersim/dialects/vendors/vendors.h"

namespace teachersim {
namespace {

namespace json = boost::json;
using Kind = Trouble::Kind;

json::object filter_results(bool filtered) {
  json::object results;
  for (const char* category : {"hate", "self_harm", "sexual", "violence"}) {
    const bool hit = filtered && category == std::string_view("violence");
    results[category] = json::object{{"filtered", hit}, {"severity", hit ? "medium" : "safe"}};
  }
  return results;
}

/// A prompt that the filter blocks.
Reply blocked_prompt() {
  json::object found = filter_results(true);
  found["jailbreak"] = json::object{{"filtered", false}, {"detected", false}};
  const json::object error{
      {"message",
       "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify "
       "your prompt and retry."},
      {"type", nullptr},
      {"param", "prompt"},
      {"code", "content_filter"},
      {"status", 400},
      {"innererror",
       json::object{{"code", "ResponsibleAIPolicyViolation"}, {"content_filter_result", std::move(found)}}}};
  return {.status = 400, .headers = {}, .body = json::serialize(json::object{{"error", error}}), .events = {}};
}

class Azure : public ChatVendor {
 public:
  std::string_view name() const override { return "azure"; }
  bool is_plain() const override { return false; }

  std::vector<std::string_view> own_fields() const override { return {"data_sources", "user_security_context"}; }

  void dress(json::object& body, const ChatRequest& /*request*/, const Usage& /*usage*/,
             const Stamp& /*stamp*/) const override {
    body.erase("service_tier");
    body["prompt_filter_results"] =
        json::array{json::object{{"prompt_index", 0}, {"content_filter_results", filter_results(false)}}};
    for (json::value& one : choices_of(body)) {
      json::object& choice = one.as_object();
      choice["content_filter_results"] = filter_results(choice.at("finish_reason") == "content_filter");
    }
  }

  void dress_chunk(json::object& chunk, const ChatRequest& /*request*/, const Usage& /*usage*/,
                   const Stamp& /*stamp*/) const override {
    chunk.erase("service_tier");
    for (json::value& one : choices_of(chunk)) {
      json::object& choice = one.as_object();
      choice["content_filter_results"] = json::object();
      if (is_last(choice))
        choice["content_filter_results"] = filter_results(choice.at("finish_reason") == "content_filter");
    }
  }

  /// What was found in the prompt comes first, in a chunk without choices.
  void open_stream(std::vector<std::string>& events, const Stamp& /*stamp*/) const override {
    const json::object first{
        {"choices", json::array()},
        {"created", 0},
        {"id", ""},
        {"model", ""},
        {"object", ""},
        {"prompt_filter_results",
         json::array{json::object{{"prompt_index", 0}, {"content_filter_results", filter_results(false)}}}}};
    events.insert(events.begin(), "data: " + json::serialize(first) + "\n\n");
  }

  Reply reply(const Trouble& trouble) const override {
    if (trouble.status == 400 && trouble.code == "content_filter") return blocked_prompt();
    Reply reply = openai_reply(trouble);
    auto say = [&](std::string_view code, std::string_view message) {
      reply.body = json::serialize(json::object{{"error", {{"code", code}, {"message", message}}}});
    };
    switch (trouble.kind) {
      case Kind::kUnauthorized:
        say("401",
            "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for "
            "an active subscription and use a correct regional API endpoint for your resource.");
        break;
      case Kind::kNotFound:
        say("DeploymentNotFound",
            "The API deployment for this resource does not exist. If you created the deployment within the last 5 "
            "minutes, please wait a moment and try again.");
        break;
      case Kind::kThrottled:
        say(trouble.code.empty() ? "429" : trouble.code,
            "Requests to the ChatCompletions_Create Operation under Azure OpenAI API have exceeded the rate "
            "limit of your deployment. Please retry after " +
                std::to_string(whole_seconds(trouble.decision.retry_after)) + " seconds.");
        break;
      default:
        if (trouble.status == 404) say("404", "Resource not found");
    }
    return reply;
  }

  std::string limit_headers(limits::Limits& limits, const Moment& now) const override {
    std::string headers;
    auto append = [&](const std::string& what, const limits::Standing& standing) {
      if (standing.limit == 0) return;
      append_header(headers, "x-ratelimit-limit-" + what, standing.limit);
      append_header(headers, "x-ratelimit-remaining-" + what, standing.remaining);
      append_header(headers, "x-ratelimit-reset-" + what, whole_seconds(standing.reset_in));
    };
    append("requests", limits.standing(limits::Dimension::kRequests, now.now));
    append("tokens", token_standing(limits, now.now));
    return headers + "x-ms-region: Sim Central\r\n";
  }
};

}  // namespace

const ChatVendor& azure_vendor() {
  static const Azure vendor;
  return vendor;
}

}  // namespace teachersim
