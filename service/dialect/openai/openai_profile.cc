#include "service/dialect/openai/openai_profile.h"

#include <algorithm>
#include <array>

#include "service/dialect/ascii.h"

namespace harvest::dialect {
namespace {

using Words = std::span<const std::string_view>;
using Reasoning = OpenAiProfile::Reasoning;

constexpr std::array<std::string_view, 1> kAny{kAnyValue};
constexpr std::array<std::string_view, 7> kOpenAiEfforts{"none", "minimal", "low", "medium", "high", "xhigh", "max"};
constexpr std::array<std::string_view, 6> kOpenAiTiers{"auto", "default", "flex", "scale", "priority", "fast"};
constexpr std::array<std::string_view, 3> kDeepSeekEfforts{"none", "high", "max"};
constexpr std::array<std::string_view, 4> kGroqTiers{"auto", "on_demand", "flex", "performance"};

constexpr std::array<std::string_view, 30> kChatOwnKeys{
    "model",
    // Routers: another model than the one that rights and prices are of.
    "models", "fallbacks", "route", "preset",
    // Charged beside the tokens, by nobody's bound.
    "plugins", "web_search_options", "messages", "temperature", "top_p", "seed", "frequency_penalty",
    "presence_penalty", "stop", "logprobs", "top_logprobs", "n", "best_of", "max_tokens", "max_completion_tokens",
    "reasoning_effort", "tools", "tool_choice", "stream", "stream_options", "response_format", "functions",
    "service_tier", "parallel_tool_calls", "use_beam_search"};

/// What all have in common.
constexpr Abilities kFamily{.dialect = "openai-chat",
                            .seed = true,
                            .penalties = true,
                            .logprobs = true,
                            .top_logprobs_max = 20,
                            .efforts = kAny,
                            .tools = true,
                            .parallel_tool_calls = true,
                            .json_object = true,
                            .json_schema = true,
                            .parts_verbatim = true,
                            .images = true,
                            .system_anywhere = true,
                            .own_keys = kChatOwnKeys};

template <typename Change>
constexpr Abilities with(Change change) {
  Abilities abilities = kFamily;
  change(abilities);
  return abilities;
}

// Any server: what it does not know it says itself. Nothing is known of `n`, so each sample is a request.
// A server that does not know the newer name of the cap would write without one: the older all know.
constexpr OpenAiProfile kCompatible{.name = "compatible",
                                    .abilities = with([](Abilities& a) {
                                      a.service_tiers = kAny;
                                      a.other_formats = true;
                                      a.stops_max = 16;
                                      a.top_logprobs_max = 1'000'000;
                                      a.temperature_max = 100;
                                      a.penalty_max = 100;
                                    }),
                                    .cap_field = "max_tokens"};
constexpr OpenAiProfile kOpenAi{.name = "openai", .abilities = with([](Abilities& a) {
                                                    a.choices_max = 128;
                                                    a.efforts = kOpenAiEfforts;
                                                    a.service_tiers = kOpenAiTiers;
                                                  })};
constexpr OpenAiProfile kVllm{.name = "vllm", .abilities = with([](Abilities& a) {
                                                a.choices_max = 128;
                                                a.top_k = true;
                                                a.reasoning_budget = true;
                                                a.other_formats = true;
                                                a.stops_max = 128;
                                                a.top_logprobs_max = 1'000'000;  // the server's --max-logprobs decides
                                              })};
constexpr OpenAiProfile kSglang{.name = "sglang", .abilities = with([](Abilities& a) {
                                                    a.choices_max = 128;
                                                    a.top_k = true;
                                                    a.other_formats = true;
                                                    a.stops_max = 128;
                                                    a.top_logprobs_max = 1'000'000;
                                                  })};
constexpr OpenAiProfile kLlamaCpp{.name = "llama.cpp",
                                  .abilities = with([](Abilities& a) {
                                    a.top_k = true;
                                    a.other_formats = true;
                                    a.stops_max = 128;
                                    a.top_logprobs_max = 1'000'000;
                                    a.penalty_max = 100;
                                  }),
                                  .cap_field = "max_tokens"};
constexpr OpenAiProfile kTgi{.name = "tgi", .abilities = with([](Abilities& a) {
                                              a.efforts = Words();
                                              a.other_formats = true;
                                            })};
constexpr OpenAiProfile kOpenRouter{.name = "openrouter",
                                    .abilities = with([](Abilities& a) {
                                      a.top_k = true;
                                      a.reasoning_budget = true;
                                      a.service_tiers = kAny;
                                    }),
                                    .cap_field = "max_tokens",
                                    .reasoning = Reasoning::kObject};
constexpr OpenAiProfile kDeepSeek{.name = "deepseek",
                                  .abilities = with([](Abilities& a) {
                                    a.seed = false;
                                    a.efforts = kDeepSeekEfforts;
                                    a.json_schema = false;
                                    a.parallel_tool_calls = false;
                                    a.stops_max = 16;
                                  }),
                                  .cap_field = "max_tokens",
                                  .reasoning = Reasoning::kThinkingToo};
constexpr OpenAiProfile kGroq{.name = "groq",
                              .abilities = with([](Abilities& a) {
                                a.logprobs = false;
                                a.top_logprobs_max = 0;
                                a.service_tiers = kGroqTiers;
                              }),
                              .limit_units = {.requests = LimitUnit::kDay}};
constexpr OpenAiProfile kTogether{.name = "together",
                                  .abilities = with([](Abilities& a) {
                                    a.top_k = true;
                                    a.other_formats = true;
                                    a.parallel_tool_calls = false;
                                  }),
                                  .cap_field = "max_tokens",
                                  .logprobs_is_count = true,
                                  .limit_units = {.unnamed = LimitUnit::kSecond},
                                  .stream_usage = false};
/// Another name for `compatible`, from when that took the newer cap.
constexpr OpenAiProfile kMaxTokens = [] {
  OpenAiProfile profile = kCompatible;
  profile.name = "max-tokens";
  return profile;
}();

constexpr std::array<OpenAiProfile, 11> kProfiles{kCompatible, kOpenAi,   kVllm, kSglang,   kLlamaCpp, kTgi,
                                                  kOpenRouter, kDeepSeek, kGroq, kTogether, kMaxTokens};

struct Known {
  std::string_view sign;
  std::string_view profile;
};
/// A teacher's `vendor`.
constexpr std::array<Known, 13> kVendors{{{"openai", "openai"},
                                          {"deepseek", "deepseek"},
                                          {"together", "together"},
                                          {"together_ai", "together"},
                                          {"openrouter", "openrouter"},
                                          {"groq", "groq"},
                                          {"llama.cpp", "llama.cpp"},
                                          {"ollama", "max-tokens"},
                                          {"mistral", "max-tokens"},
                                          {"mistral_ai", "max-tokens"},
                                          {"cohere", "max-tokens"},
                                          {"perplexity", "max-tokens"},
                                          {"max-tokens", "max-tokens"}}};
constexpr std::array<Known, 9> kHosts{{{"api.openai.com", "openai"},
                                       {"api.deepseek.com", "deepseek"},
                                       {"api.together.xyz", "together"},
                                       {"api.together.ai", "together"},
                                       {"openrouter.ai", "openrouter"},
                                       {"api.groq.com", "groq"},
                                       {"api.mistral.ai", "max-tokens"},
                                       {"api.cohere.com", "max-tokens"},
                                       {"api.perplexity.ai", "max-tokens"}}};

std::string_view host_of(std::string_view url) {
  if (const size_t scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of(":/?"));
}

template <size_t N>
const OpenAiProfile* told_by(std::string_view sign, const std::array<Known, N>& known) {
  for (const Known& one : known)
    if (ascii::equals_ignoring_case(one.sign, sign)) return find_openai_profile(one.profile);
  return nullptr;
}

}  // namespace

std::span<const std::string_view> openai_efforts() {
  return kOpenAiEfforts;
}

std::span<const std::string_view> openai_tiers() {
  return kOpenAiTiers;
}

const Abilities& openai_family() {
  return kFamily;
}

std::span<const OpenAiProfile> openai_profiles() {
  return kProfiles;
}

const OpenAiProfile* find_openai_profile(std::string_view name) {
  const auto found =
      std::find_if(kProfiles.begin(), kProfiles.end(), [&](const OpenAiProfile& p) { return p.name == name; });
  return found == kProfiles.end() ? nullptr : &*found;
}

const OpenAiProfile& openai_profile(const v1::Teacher& teacher) {
  if (const OpenAiProfile* profile = find_openai_profile(teacher.profile())) return *profile;
  if (!teacher.vendor().empty()) {
    const OpenAiProfile* profile = told_by(teacher.vendor(), kVendors);
    return profile != nullptr ? *profile : kProfiles.front();
  }
  const std::string_view host = host_of(teacher.endpoints_size() > 0 ? teacher.endpoints(0) : teacher.endpoint());
  if (const OpenAiProfile* profile = told_by(host, kHosts)) return *profile;
  return kProfiles.front();
}

}  // namespace harvest::dialect
