#include "service/dialect/registry/vendor.h"

#include <algorithm>
#include <array>

#include "proto/text/zone.h"
#include "service/dialect/endpoint.h"
#include "service/dialect/registry/registry.h"

namespace harvest::dialect {
namespace {

/// Of one dialect's profile; a host tells those apart that share a profile.
struct Server {
  std::string_view dialect, profile, host, vendor;
};
/// The first that fits. Other profiles of openai-chat are called as their vendors are.
constexpr std::array<Server, 7> kServers{{{"openai-chat", "max-tokens", "https://api.mistral.ai", "mistral_ai"},
                                          {"openai-chat", "max-tokens", "https://api.cohere.com", "cohere"},
                                          {"openai-chat", "max-tokens", "https://api.perplexity.ai", "perplexity"},
                                          {"openai-chat", "max-tokens", "", "openai_compatible"},
                                          {"openai-chat", "compatible", "", "openai_compatible"},
                                          {"openai-completions", "vllm", "", "vllm"},
                                          {"gemini", "vertex", "", "gcp.vertex_ai"}}};

}  // namespace

std::string_view vendor_of(const Dialect& dialect, const v1::Teacher& teacher) {
  const std::string_view profile = dialect.profile(teacher), url = endpoint_of(teacher);
  for (const Server& server : kServers)
    if (server.dialect == dialect.name() && server.profile == profile && url.starts_with(server.host))
      return server.vendor;
  return dialect.name() == "openai-chat" ? profile : dialect.vendor();
}

void fill_counting(v1::Teacher& teacher) {
  const Dialect* dialect = find_dialect(teacher.dialect());
  if (dialect == nullptr) return;
  const std::string_view profile = dialect->profile(teacher);
  v1::Limits& limits = *teacher.mutable_limits();
  // Google's own API; Vertex has no quotas of a day.
  if (limits.day_zone().empty() && dialect->name() == "gemini" && profile != "vertex")
    limits.set_day_zone(std::string(text::kCalifornia));
  const bool anthropic = dialect->name() == "anthropic-messages";
  if (!limits.has_cached_input_counts())
    limits.set_cached_input_counts(!anthropic && dialect->name() != "bedrock-converse" && profile != "groq");
  if (!limits.has_output_cap_counts()) limits.set_output_cap_counts(!anthropic);
  if (!limits.has_tokens_are_joint()) {
    constexpr std::array<std::string_view, 4> kJoint{"openai", "azure.ai.openai", "aws.bedrock", "mistral_ai"};
    limits.set_tokens_are_joint(std::find(kJoint.begin(), kJoint.end(), vendor_of(*dialect, teacher)) != kJoint.end());
  }
}

bool queues(const Dialect& dialect, const v1::Teacher& teacher) {
  constexpr std::array<std::string_view, 4> kProfiles{"vllm", "sglang", "llama.cpp", "tgi"};
  return dialect.name() == "ollama" ||
         std::find(kProfiles.begin(), kProfiles.end(), dialect.profile(teacher)) != kProfiles.end();
}

}  // namespace harvest::dialect
