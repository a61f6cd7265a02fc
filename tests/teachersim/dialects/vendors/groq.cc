// Groq: one choice, no logprobs, times in the usage, x_groq in streams, requests limited per day in its headers.
#include "tests/teachersim/dialects/openai_wording.h"
#include "tests/teachersim/dialects/vendors/vendors.h"

namespace teachersim {
namespace {

namespace json = boost::json;

class Groq : public Imitator {
 public:
  std::string_view name() const override { return "groq"; }
  std::string_view reasoning_field() const override { return "reasoning"; }
  std::vector<std::string_view> own_fields() const override { return {"reasoning_format", "include_reasoning"}; }

  void check(const Fields& body, ChatRequest& request) const override {
    for (const char* name : {"logprobs", "top_logprobs", "logit_bias"}) {
      const json::value* field = body.find(name);
      const bool off = field == nullptr || (field->is_bool() && !field->get_bool());
      if (!off) body.fail(name, "property '" + std::string(name) + "' is unsupported");
    }
    if (request.choices > 1) body.fail("n", "'n' : number must be at most 1");
    if (body.has("reasoning_format") && body.has("include_reasoning"))
      throw Mistake{"", "cannot specify both reasoning_format and include_reasoning"};
  }

  void dress(json::object& body, const ChatRequest& request, const Usage& usage, const Stamp& stamp) const override {
    Imitator::dress(body, request, usage, stamp);
    body["system_fingerprint"] = "fp_sim";
    body["x_groq"] = json::object{{"id", "req_" + stamp.id}};
    body["service_tier"] = "on_demand";
  }
  void dress_chunk(json::object& chunk, const ChatRequest& request, const Usage& usage,
                   const Stamp& stamp) const override {
    Imitator::dress_chunk(chunk, request, usage, stamp);
    json::array& choices = choices_of(chunk);
    if (choices.empty()) return;
    json::object& choice = choices.front().as_object();
    if (message_of(choice).contains("role")) chunk["x_groq"] = json::object{{"id", "req_" + stamp.id}};
    if (is_last(choice)) chunk["x_groq"] = json::object{{"id", "req_" + stamp.id}, {"usage", usage_object(usage)}};
  }

  Reply reply(const Trouble& trouble) const override {
    Reply reply = openai_reply(trouble);
    reply.headers = retry_after(trouble);
    json::object error{{"message", trouble.message}, {"type", "invalid_request_error"}};
    if (trouble.kind == Trouble::Kind::kThrottled || trouble.kind == Trouble::Kind::kOutOfCredit) {
      const auto by = trouble.decision.refused_by;
      const bool requests = by == limits::Dimension::kRequests || by == limits::Dimension::kRequestsPerDay;
      error["type"] = requests ? "requests" : "tokens";
      error["code"] = "rate_limit_exceeded";
    } else if (trouble.kind == Trouble::Kind::kUnauthorized) {
      error["code"] = "invalid_api_key";
    } else if (trouble.kind == Trouble::Kind::kNotFound) {
      error["code"] = "model_not_found";
    } else if (trouble.status == 498) {
      error["code"] = "capacity_exceeded";
    } else if (trouble.kind == Trouble::Kind::kServerError) {
      error["type"] = "internal_server_error";
    }
    if (!trouble.code.empty()) error["code"] = trouble.code;
    reply.body = json::serialize(json::object{{"error", std::move(error)}});
    return reply;
  }

  std::string limit_headers(limits::Limits& limits, const Moment& now) const override {
    std::string headers;
    auto append = [&](const std::string& what, const limits::Standing& standing) {
      if (standing.limit == 0) return;
      append_header(headers, "x-ratelimit-limit-" + what, standing.limit);
      append_header(headers, "x-ratelimit-remaining-" + what, standing.remaining);
      headers += "x-ratelimit-reset-" + what + ": " + openai_duration(standing.reset_in) + "\r\n";
    };
    append("requests", limits.standing(limits::Dimension::kRequestsPerDay, now.now));
    append("tokens", token_standing(limits, now.now));
    return headers;
  }

 protected:
  json::object usage_object(const Usage& usage) const override {
    json::object object = Imitator::usage_object(usage);
    object["queue_time"] = 0.01;
    object["prompt_time"] = 0.002;
    object["completion_time"] = 0.004 * static_cast<double>(usage.output_tokens);
    object["total_time"] = 0.002 + 0.004 * static_cast<double>(usage.output_tokens);
    if (usage.cached_tokens > 0) object["prompt_tokens_details"] = json::object{{"cached_tokens", usage.cached_tokens}};
    if (usage.reasoning_tokens > 0)
      object["completion_tokens_details"] = json::object{{"reasoning_tokens", usage.reasoning_tokens}};
    return object;
  }
  std::string_view finish_reason(std::string_view openai) const override {
    return openai == "content_filter" ? "stop" : openai;
  }
};

}  // namespace

const ChatVendor& groq_vendor() {
  static const Groq vendor;
  return vendor;
}

}  // namespace teachersim
