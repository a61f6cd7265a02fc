#include "tests/teachersim/dialects/chat_vendor.h"

#include <algorithm>

#include "tests/teachersim/dialects/openai_wording.h"
#include "tests/teachersim/dialects/vendors/vendors.h"

namespace teachersim {
namespace {

constexpr std::string_view kOpenAiFields[] = {"model",
                                              "messages",
                                              "max_completion_tokens",
                                              "max_tokens",
                                              "n",
                                              "temperature",
                                              "top_p",
                                              "frequency_penalty",
                                              "presence_penalty",
                                              "stop",
                                              "seed",
                                              "logprobs",
                                              "top_logprobs",
                                              "logit_bias",
                                              "response_format",
                                              "tools",
                                              "tool_choice",
                                              "parallel_tool_calls",
                                              "reasoning_effort",
                                              "verbosity",
                                              "service_tier",
                                              "stream",
                                              "stream_options",
                                              "store",
                                              "metadata",
                                              "safety_identifier",
                                              "prompt_cache_key",
                                              "prompt_cache_retention",
                                              "user",
                                              "audio",
                                              "modalities",
                                              "prediction",
                                              "functions",
                                              "function_call",
                                              "web_search_options"};

std::vector<const ChatVendor*> all_vendors() {
  static const ChatVendor openai;
  return {&openai,          &azure_vendor(),    &mistral_vendor(),    &deepseek_vendor(),
          &groq_vendor(),   &together_vendor(), &openrouter_vendor(), &vllm_vendor(),
          &sglang_vendor(), &llamacpp_vendor(), &tgi_vendor()};
}

bool holds(const auto& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace

void ChatVendor::check_names(const boost::json::object& body) const {
  const std::vector<std::string_view> own = own_fields();
  for (const auto& [name, value] : body) {
    if (holds(kOpenAiFields, std::string_view(name)) || holds(own, std::string_view(name))) continue;
    throw Mistake{"", "Unrecognized request argument supplied: " + std::string(name)};
  }
}

Reply ChatVendor::reply(const Trouble& trouble) const {
  return openai_reply(trouble);
}

std::string ChatVendor::error_in_200(const Trouble& /*trouble*/) const {
  return std::string(kGatewayError);
}

std::string ChatVendor::limit_headers(limits::Limits& limits, const Moment& now) const {
  return openai_limit_headers(limits, now.now);
}

const ChatVendor* find_chat_vendor(std::string_view name) {
  for (const ChatVendor* vendor : all_vendors()) {
    if (vendor->name() == name) return vendor;
  }
  return nullptr;
}

std::vector<std::string> chat_vendor_names() {
  std::vector<std::string> names;
  for (const ChatVendor* vendor : all_vendors()) names.emplace_back(vendor->name());
  return names;
}

}  // namespace teachersim
