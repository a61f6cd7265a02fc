// DeepSeek: keep-alives while it queues, cache hits and misses told apart, no limit headers.
#include "tests/teachersim/dialects/vendors/vendors.h"

namespace teachersim {
namespace {

namespace json = boost::json;
using Kind = Trouble::Kind;

class DeepSeek : public Imitator {
 public:
  std::string_view name() const override { return "deepseek"; }
  StreamUsage stream_usage() const override { return StreamUsage::kInLastChunk; }
  std::string_view reasoning_field() const override { return "reasoning_content"; }
  std::vector<std::string_view> own_fields() const override { return {"thinking", "user_id"}; }

  void check(const Fields& body, ChatRequest& request) const override {
    if (request.format == ChatRequest::Format::kJsonSchema)
      body.fail("response_format", "This response_format type is unavailable now");
    if (const json::value* messages = body.find("messages");
        request.format == ChatRequest::Format::kJsonObject && messages != nullptr) {
      const std::string text = json::serialize(*messages);
      if (text.find("json") == std::string::npos && text.find("JSON") == std::string::npos)
        throw Mistake{"",
                      "Prompt must contain the word 'json' in some form to use 'response_format' of type "
                      "'json_object'."};
    }
  }

  void open_stream(std::vector<std::string>& events, const Stamp& /*stamp*/) const override {
    events.insert(events.begin(), 2, ": keep-alive\n\n");
  }
  std::string_view before_body() const override { return "\n\n"; }

  Reply reply(const Trouble& trouble) const override {
    const bool broke = trouble.kind == Kind::kOutOfCredit;
    std::string_view type = "invalid_request_error";
    if (trouble.kind == Kind::kUnauthorized) type = "authentication_error";
    if (broke) type = "unknown_error";
    if (trouble.kind == Kind::kThrottled) type = "rate_limit_error";
    if (trouble.kind == Kind::kServerError) type = "service_unavailable_error";
    std::string_view code = "invalid_request_error";
    if (!trouble.code.empty()) code = trouble.code;
    const json::object error{{"message", broke ? std::string_view("Insufficient Balance") : trouble.message},
                             {"type", type},
                             {"param", nullptr},
                             {"code", code}};
    return {.status = broke ? 402 : trouble.status,
            .headers = {},
            .body = json::serialize(json::object{{"error", error}}),
            .events = {}};
  }
  std::string limit_headers(limits::Limits& /*limits*/, const Moment& /*now*/) const override { return {}; }

 protected:
  json::object usage_object(const Usage& usage) const override {
    json::object object = Imitator::usage_object(usage);
    object["prompt_tokens_details"] = json::object{{"cached_tokens", usage.cached_tokens}};
    if (usage.reasoning_tokens > 0)
      object["completion_tokens_details"] = json::object{{"reasoning_tokens", usage.reasoning_tokens}};
    object["prompt_cache_hit_tokens"] = usage.cached_tokens;
    object["prompt_cache_miss_tokens"] = usage.input_tokens - usage.cached_tokens;
    return object;
  }
};

}  // namespace

const ChatVendor& deepseek_vendor() {
  static const DeepSeek vendor;
  return vendor;
}

}  // namespace teachersim
