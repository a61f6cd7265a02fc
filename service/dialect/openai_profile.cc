#include "service/dialect/openai_profile.h"

#include <algorithm>
#include <array>

#include "service/dialect/ascii.h"

namespace harvest::dialect {
namespace {

constexpr std::array<std::string_view, 11> kOlderVendors{"max-tokens", "deepseek",    "mistral_ai", "mistral",
                                                         "together",   "together_ai", "openrouter", "ollama",
                                                         "llama.cpp",  "cohere",      "perplexity"};
constexpr std::array<std::string_view, 7> kOlderHosts{"api.deepseek.com", "api.mistral.ai", "api.together.xyz",
                                                      "api.together.ai",  "openrouter.ai",  "api.cohere.com",
                                                      "api.perplexity.ai"};

std::string_view host_of(std::string_view url) {
  if (const size_t scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of(":/?"));
}

}  // namespace

std::string_view output_cap_field(const v1::Teacher& teacher) {
  constexpr std::string_view kOlder = "max_tokens", kNewer = "max_completion_tokens";
  if (!teacher.vendor().empty()) {
    const bool older = std::find(kOlderVendors.begin(), kOlderVendors.end(), teacher.vendor()) != kOlderVendors.end();
    return older ? kOlder : kNewer;
  }
  const std::string_view host = host_of(teacher.endpoints_size() > 0 ? teacher.endpoints(0) : teacher.endpoint());
  const auto same = [&](std::string_view known) { return ascii::equals_ignoring_case(known, host); };
  return std::any_of(kOlderHosts.begin(), kOlderHosts.end(), same) ? kOlder : kNewer;
}

}  // namespace harvest::dialect
