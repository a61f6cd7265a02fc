// Together: "eos" for an end, logprobs by number and in columns, limits per second under names of its own.
#include "tests/teachersim/dialects/logprobs.h"
#include "tests/teachersim/dialects/vendors/vendors.h"

namespace teachersim {
namespace {

namespace json = boost::json;
using Kind = Trouble::Kind;

class Together : public Imitator {
 public:
  std::string_view name() const override { return "together"; }
  StreamUsage stream_usage() const override { return StreamUsage::kInLastChunk; }
  std::string_view reasoning_field() const override { return "reasoning"; }
  std::vector<std::string_view> own_fields() const override {
    return {"top_k", "min_p", "repetition_penalty", "safety_model", "echo", "context_length_exceeded_behavior"};
  }

  /// A number where OpenAI has a flag.
  void check(const Fields& body, ChatRequest& request) const override {
    const json::value* wanted = body.find("logprobs");
    if (wanted == nullptr || !wanted->is_number()) return;
    request.top_logprobs = static_cast<int>(body.integer("logprobs", 0, 0, 20));
    request.logprobs = request.top_logprobs > 0;
  }

  Reply reply(const Trouble& trouble) const override {
    Reply reply{.status = trouble.status, .headers = retry_after(trouble), .body = {}, .events = {}};
    std::string_view type = "invalid_request_error";
    std::string_view code;
    if (trouble.kind == Kind::kThrottled) type = code = "rate_limit";
    if (trouble.kind == Kind::kOutOfCredit) type = code = "credit_limit";
    if (trouble.kind == Kind::kOutOfCredit) reply.status = 402;
    if (trouble.kind == Kind::kUnauthorized) code = "invalid_api_key";
    if (trouble.kind == Kind::kNotFound) code = "model_not_available";
    if (trouble.kind == Kind::kServerError) type = "server_error";
    if (!trouble.code.empty()) code = trouble.code;
    const json::object error{{"message", trouble.message},
                             {"type", type},
                             {"param", trouble.param.empty() ? json::value() : json::value(trouble.param)},
                             {"code", code.empty() ? json::value() : json::value(code)}};
    reply.body = json::serialize(json::object{{"id", trouble.request_id}, {"error", error}});
    return reply;
  }

  std::string limit_headers(limits::Limits& limits, const Moment& now) const override {
    constexpr std::int64_t kPerMinute = 60;
    std::string headers;
    const limits::Standing requests = limits.standing(limits::Dimension::kRequests, now.now);
    if (requests.limit > 0) {
      append_header(headers, "x-ratelimit-limit", std::max<std::int64_t>(1, requests.limit / kPerMinute));
      append_header(headers, "x-ratelimit-remaining", requests.remaining);
      append_header(headers, "x-ratelimit-reset", whole_seconds(requests.reset_in));
    }
    const limits::Standing tokens = token_standing(limits, now.now);
    if (tokens.limit > 0) {
      append_header(headers, "x-tokenlimit-limit", std::max<std::int64_t>(1, tokens.limit / kPerMinute));
      append_header(headers, "x-tokenlimit-remaining", tokens.remaining);
    }
    return headers;
  }

 protected:
  std::string_view finish_reason(std::string_view openai) const override {
    return openai == "stop" || openai == "content_filter" ? "eos" : openai;
  }
  void dress_choice(json::object& choice) const override {
    json::value& logprobs = choice["logprobs"];
    if (!logprobs.is_object()) return;
    json::object columns{{"token_ids", json::array()}, {"tokens", json::array()}, {"token_logprobs", json::array()}};
    for (const json::value& entry : logprobs.at("content").as_array()) {
      columns["token_ids"].as_array().push_back(token_id(entry.at("token").as_string()));
      columns["tokens"].as_array().push_back(entry.at("token"));
      columns["token_logprobs"].as_array().push_back(entry.at("logprob"));
    }
    logprobs = std::move(columns);
  }
};

}  // namespace

const ChatVendor& together_vendor() {
  static const Together vendor;
  return vendor;
}

}  // namespace teachersim
