// Servers that one runs oneself: vLLM, SGLang, llama.cpp, TGI. No account, so no limit headers; errors with whole
// numbers for codes, and each its own small members.
#include "tests/teachersim/dialects/vendors/vendors.h"

namespace teachersim {
namespace {

namespace json = boost::json;
using Kind = Trouble::Kind;

std::string_view python_type(int status) {
  switch (status) {
    case 401:
      return "Unauthorized";
    case 404:
      return "NotFoundError";
    case 429:
      return "TooManyRequests";
    case 503:
      return "ServiceUnavailableError";
    default:
      return status < 500 ? "BadRequestError" : "InternalServerError";
  }
}

json::value or_null(std::string_view text) {
  return text.empty() ? json::value() : json::value(text);
}

class SelfHosted : public Imitator {
 public:
  /// What they do not know they pass over.
  void check_names(const json::object& /*body*/) const override {}
  std::string limit_headers(limits::Limits& /*limits*/, const Moment& /*now*/) const override { return {}; }

 protected:
  static Reply reply_of(int status, const json::object& body) {
    return {.status = status, .headers = {}, .body = json::serialize(body), .events = {}};
  }
  std::string_view finish_reason(std::string_view openai) const override {
    return openai == "content_filter" ? "stop" : openai;
  }
};

class Vllm : public SelfHosted {
 public:
  std::string_view name() const override { return "vllm"; }
  std::string_view reasoning_field() const override { return "reasoning"; }
  Reply reply(const Trouble& trouble) const override {
    if (trouble.kind == Kind::kUnauthorized) return reply_of(401, {{"error", "Unauthorized"}});
    return reply_of(trouble.status, {{"error", json::object{{"message", trouble.message},
                                                            {"type", python_type(trouble.status)},
                                                            {"param", or_null(trouble.param)},
                                                            {"code", trouble.status}}}});
  }

 protected:
  void dress_choice(json::object& choice) const override {
    choice["stop_reason"] = nullptr;
    choice["token_ids"] = nullptr;
  }
};

class SgLang : public SelfHosted {
 public:
  std::string_view name() const override { return "sglang"; }
  std::string_view reasoning_field() const override { return "reasoning_content"; }
  Reply reply(const Trouble& trouble) const override {
    return reply_of(trouble.status, {{"object", "error"},
                                     {"message", trouble.message},
                                     {"type", python_type(trouble.status)},
                                     {"param", or_null(trouble.param)},
                                     {"code", trouble.status}});
  }

 protected:
  json::object usage_object(const Usage& usage) const override {
    json::object object = Imitator::usage_object(usage);
    object["prompt_tokens_details"] = nullptr;
    object["reasoning_tokens"] = usage.reasoning_tokens;
    return object;
  }
  void dress_choice(json::object& choice) const override {
    constexpr int kEndToken = 151'645;
    const bool ended = choice.at("finish_reason").is_string() && choice.at("finish_reason") == "stop";
    choice["matched_stop"] = ended ? json::value(kEndToken) : json::value();
  }
};

class LlamaCpp : public SelfHosted {
 public:
  std::string_view name() const override { return "llamacpp"; }
  std::string_view reasoning_field() const override { return "reasoning_content"; }
  void dress(json::object& body, const ChatRequest& request, const Usage& usage, const Stamp& stamp) const override {
    Imitator::dress(body, request, usage, stamp);
    if (!body.contains("usage")) return;
    body["timings"] = json::object{{"cache_n", usage.cached_tokens},
                                   {"prompt_n", usage.input_tokens - usage.cached_tokens},
                                   {"prompt_ms", 12.5},
                                   {"predicted_n", usage.output_tokens},
                                   {"predicted_ms", 20.0 * static_cast<double>(usage.output_tokens)}};
  }
  void dress_chunk(json::object& chunk, const ChatRequest& request, const Usage& usage,
                   const Stamp& stamp) const override {
    dress(chunk, request, usage, stamp);
  }
  Reply reply(const Trouble& trouble) const override {
    std::string_view type = trouble.status < 500 ? "invalid_request_error" : "server_error";
    if (trouble.status == 401) type = "authentication_error";
    if (trouble.status == 404) type = "not_found_error";
    if (trouble.status == 503) type = "unavailable_error";
    return reply_of(trouble.status,
                    {{"error", json::object{{"code", trouble.status}, {"message", trouble.message}, {"type", type}}}});
  }
};

class Tgi : public SelfHosted {
 public:
  std::string_view name() const override { return "tgi"; }
  /// One choice, whatever is asked for.
  void check(const Fields& /*body*/, ChatRequest& request) const override {
    request.output_cap = request.cap_per_choice;
    request.choices = 1;
  }
  Reply reply(const Trouble& trouble) const override {
    if (trouble.status == 429) return reply_of(429, {{"error", "Model is overloaded"}, {"error_type", "overloaded"}});
    if (trouble.status == 424 || trouble.kind == Kind::kServerError) {
      const int status = trouble.status == 502 ? 424 : trouble.status;
      return reply_of(status, {{"error", "Request failed during generation"}, {"error_type", "generation"}});
    }
    const int status = trouble.kind == Kind::kBadRequest && trouble.status == 400 ? 422 : trouble.status;
    return reply_of(status, {{"error", "Input validation error: " + trouble.message}, {"error_type", "validation"}});
  }
};

}  // namespace

const ChatVendor& vllm_vendor() {
  static const Vllm vendor;
  return vendor;
}

const ChatVendor& sglang_vendor() {
  static const SgLang vendor;
  return vendor;
}

const ChatVendor& llamacpp_vendor() {
  static const LlamaCpp vendor;
  return vendor;
}

const ChatVendor& tgi_vendor() {
  static const Tgi vendor;
  return vendor;
}

}  // namespace teachersim
