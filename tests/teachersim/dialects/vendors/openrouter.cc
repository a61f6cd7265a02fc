// OpenRouter: an error may come with status 200, comments keep streams alive, the answer names its provider and its
// price.
#include "tests/teachersim/dialects/vendors/vendors.h"

namespace teachersim {
namespace {

namespace json = boost::json;
using Kind = Trouble::Kind;

int openrouter_status(const Trouble& trouble) {
  return trouble.kind == Kind::kOutOfCredit ? 402 : trouble.status;
}

class OpenRouter : public Imitator {
 public:
  std::string_view name() const override { return "openrouter"; }
  StreamUsage stream_usage() const override { return StreamUsage::kAlways; }
  std::string_view reasoning_field() const override { return "reasoning"; }
  std::vector<std::string_view> own_fields() const override {
    return {"provider", "reasoning", "models", "route", "transforms",         "plugins",
            "usage",    "top_k",     "min_p",  "top_a", "repetition_penalty", "include_reasoning"};
  }
  /// What no provider of the model takes is passed over in silence.
  void check_names(const json::object& /*body*/) const override {}

  void dress(json::object& body, const ChatRequest& request, const Usage& usage, const Stamp& stamp) const override {
    Imitator::dress(body, request, usage, stamp);
    body["provider"] = "Sim";
  }
  void dress_chunk(json::object& chunk, const ChatRequest& request, const Usage& usage,
                   const Stamp& stamp) const override {
    dress(chunk, request, usage, stamp);
    // The chunk with the usage has an empty delta all the same.
    if (json::array& choices = choices_of(chunk); choices.empty()) {
      choices.push_back({{"index", 0},
                         {"delta", json::object{{"role", "assistant"}, {"content", ""}}},
                         {"finish_reason", nullptr},
                         {"native_finish_reason", nullptr},
                         {"logprobs", nullptr}});
    }
  }
  void open_stream(std::vector<std::string>& events, const Stamp& /*stamp*/) const override {
    events.insert(events.begin(), 2, ": OPENROUTER PROCESSING\n\n");
  }
  std::string_view before_body() const override { return "\n         \n"; }

  Reply reply(const Trouble& trouble) const override {
    const int status = openrouter_status(trouble);
    json::object metadata;
    std::string message = trouble.message;
    if (trouble.kind == Kind::kServerError)
      metadata = {{"provider_name", "Sim"}, {"raw", "{\"error\":\"" + std::to_string(status) + "\"}"}};
    if (status == 403) {
      message = "Your chosen model requires moderation and your input was flagged";
      metadata = {{"reasons", json::array{"violence"}}, {"flagged_input", "..."}, {"provider_name", "Sim"}};
    }
    std::string headers = retry_after(trouble);
    if (trouble.kind == Kind::kThrottled && trouble.decision.retry_after > limits::Time::zero())
      metadata["headers"] = json::object{{"Retry-After", std::to_string(whole_seconds(trouble.decision.retry_after))}};
    // In a body with status 200 the code is the one that counts, so a number.
    json::object error{{"message", message}, {"code", status}};
    if (!metadata.empty()) error["metadata"] = std::move(metadata);
    return {.status = status,
            .headers = std::move(headers),
            .body = json::serialize(json::object{{"error", std::move(error)}, {"user_id", "user_sim"}}),
            .events = {}};
  }

  /// The reset is a time of day in milliseconds.
  std::string limit_headers(limits::Limits& limits, const Moment& now) const override {
    std::string headers;
    const limits::Standing requests = limits.standing(limits::Dimension::kRequests, now.now);
    if (requests.limit == 0 || requests.remaining > 0) return headers;
    append_header(headers, "X-RateLimit-Limit", requests.limit);
    append_header(headers, "X-RateLimit-Remaining", requests.remaining);
    append_header(headers, "X-RateLimit-Reset", now.utc_us / 1000 + whole_seconds(requests.reset_in) * 1000);
    return headers;
  }

 protected:
  json::object usage_object(const Usage& usage) const override {
    json::object object = Imitator::usage_object(usage);
    object["cost"] = 1e-6 * static_cast<double>(usage.input_tokens + usage.output_tokens);
    object["is_byok"] = false;
    object["prompt_tokens_details"] = json::object{{"cached_tokens", usage.cached_tokens}};
    object["completion_tokens_details"] = json::object{{"reasoning_tokens", usage.reasoning_tokens}};
    return object;
  }
  void dress_choice(json::object& choice) const override {
    choice["native_finish_reason"] = choice.at("finish_reason");
    json::object& message = message_of(choice);
    const json::value* reasoning = message.if_contains("reasoning");
    if (reasoning == nullptr || !reasoning->is_string()) return;
    message["reasoning_details"] = json::array{
        json::object{{"type", "reasoning.text"}, {"text", *reasoning}, {"format", "unknown"}, {"index", 0}}};
  }
};

}  // namespace

const ChatVendor& openrouter_vendor() {
  static const OpenRouter vendor;
  return vendor;
}

}  // namespace teachersim
