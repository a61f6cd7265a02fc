// Mistral: flat errors, thinking as chunks of content, usage in the last chunk, its own ratelimit headers.
#include "tests/teachersim/dialects/vendors/vendors.h"

namespace teachersim {
namespace {

namespace json = boost::json;
using Kind = Trouble::Kind;

constexpr std::string_view kThinking = "mistral_thinking";  // until it is dressed

class Mistral : public Imitator {
 public:
  std::string_view name() const override { return "mistral"; }
  StreamUsage stream_usage() const override { return StreamUsage::kInLastChunk; }
  std::string_view reasoning_field() const override { return kThinking; }

  std::vector<std::string_view> own_fields() const override {
    return {"random_seed", "safe_prompt", "prompt_mode", "guardrails"};
  }

  void check(const Fields& body, ChatRequest& request) const override {
    const json::value* choice = body.find("tool_choice");
    request.must_call_tool |= choice != nullptr && choice->is_string() && choice->get_string() == "any";
    for (const char* name : {"seed", "logprobs", "top_logprobs", "logit_bias", "max_completion_tokens"}) {
      if (body.has(name)) body.fail(name, "Extra inputs are not permitted");
    }
  }
  void check_names(const json::object& body) const override {
    try {
      ChatVendor::check_names(body);
    } catch (const Mistake& mistake) {
      throw Mistake{mistake.what.substr(mistake.what.rfind(' ') + 1), "Extra inputs are not permitted"};
    }
  }

  Reply reply(const Trouble& trouble) const override {
    Reply reply{.status = trouble.status, .headers = retry_after(trouble), .body = {}, .events = {}};
    if (trouble.kind == Kind::kBadRequest && !trouble.param.empty()) {
      reply.status = 422;
      const json::array detail{
          json::object{{"type", trouble.message.starts_with("Extra inputs") ? "extra_forbidden" : "value_error"},
                       {"loc", json::array{"body", trouble.param}},
                       {"msg", trouble.message}}};
      reply.body = json::serialize(json::object{{"object", "error"},
                                                {"message", json::object{{"detail", detail}}},
                                                {"type", "invalid_request_error"},
                                                {"param", nullptr},
                                                {"code", nullptr}});
      return reply;
    }
    std::string_view type = "invalid_request_error";
    std::string_view code;
    switch (trouble.kind) {
      case Kind::kThrottled:
      case Kind::kOutOfCredit:
        type = "rate_limited";
        code = "1300";
        break;
      case Kind::kUnauthorized:
        type = "unauthorized";
        code = "1000";
        break;
      case Kind::kNotFound:
        type = "invalid_model";
        code = "1500";
        break;
      case Kind::kServerError:
        type = trouble.status == 503 ? "service_unavailable" : "internal_server_error";
        code = trouble.status == 503 ? "3505" : "3000";
        break;
      default:
        break;
    }
    if (!trouble.code.empty()) code = trouble.code;
    reply.body = json::serialize(json::object{{"object", "error"},
                                              {"message", trouble.message},
                                              {"type", type},
                                              {"param", nullptr},
                                              {"code", code.empty() ? json::value() : json::value(code)}});
    return reply;
  }

  std::string limit_headers(limits::Limits& limits, const Moment& now) const override {
    std::string headers;
    const limits::Standing requests = limits.standing(limits::Dimension::kRequests, now.now);
    if (requests.limit > 0) {
      append_header(headers, "x-ratelimit-limit-req-minute", requests.limit);
      append_header(headers, "x-ratelimit-remaining-req-minute", requests.remaining);
    }
    const limits::Standing tokens = token_standing(limits, now.now);
    if (tokens.limit > 0) {
      append_header(headers, "x-ratelimit-limit-tokens-minute", tokens.limit);
      append_header(headers, "x-ratelimit-remaining-tokens-minute", tokens.remaining);
      append_header(headers, "ratelimitbysize-limit", tokens.limit);
      append_header(headers, "ratelimitbysize-remaining", tokens.remaining);
      append_header(headers, "ratelimitbysize-reset", whole_seconds(tokens.reset_in));
    }
    return headers;
  }

 protected:
  json::object usage_object(const Usage& usage) const override {
    json::object object = Imitator::usage_object(usage);
    object["prompt_tokens_details"] = json::object{{"cached_tokens", usage.cached_tokens}};
    object["num_cached_tokens"] = usage.cached_tokens;
    return object;
  }
  std::string_view finish_reason(std::string_view openai) const override {
    return openai == "content_filter" ? "stop" : openai;
  }
  void dress_choice(json::object& choice) const override {
    json::object& message = message_of(choice);
    const json::value* thinking = message.if_contains(kThinking);
    if (thinking == nullptr) return;
    json::array chunks{json::object{{"type", "thinking"},
                                    {"thinking", json::array{json::object{{"type", "text"}, {"text", *thinking}}}}}};
    const json::value* content = message.if_contains("content");
    if (content != nullptr && content->is_string())
      chunks.push_back(json::object{{"type", "text"}, {"text", *content}});
    message.erase(kThinking);
    message["content"] = std::move(chunks);
  }
};

}  // namespace

const ChatVendor& mistral_vendor() {
  static const Mistral vendor;
  return vendor;
}

}  // namespace teachersim
