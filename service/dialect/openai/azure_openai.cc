#include "service/dialect/openai/azure_openai.h"

#include <array>
#include <utility>

#include "service/dialect/endpoint.h"
#include "service/dialect/openai/openai_chat_request.h"
#include "service/dialect/url_text.h"

namespace harvest::dialect {
namespace {

constexpr std::string_view kApiVersion = "2024-10-21";

constexpr std::array<std::string_view, 3> kTiers{"auto", "default", "priority"};

/// OpenAI's own, but for its name and tiers.
OpenAiProfile make_profile() {
  OpenAiProfile made = *find_openai_profile("openai");
  made.name = "azure";
  made.abilities.dialect = "azure-openai";
  made.abilities.service_tiers = kTiers;
  return made;
}

/// The newer face names no deployment in its path.
bool is_v1(const v1::Teacher& teacher) {
  return endpoint_of(teacher).ends_with("/openai/v1");
}

}  // namespace

const OpenAiProfile& AzureOpenAi::deviations(const v1::Teacher&) const {
  static const OpenAiProfile kProfile = make_profile();
  return kProfile;
}

HttpRequest AzureOpenAi::encode(const v1::Teacher& teacher, const QueryView& query) const {
  if (is_v1(teacher)) return OpenAiChat::encode(teacher, query);
  const std::string_view version = teacher.api_version().empty() ? kApiVersion : teacher.api_version();
  std::string path = "/openai/deployments/" + percent_encoded(teacher.model()) +
                     "/chat/completions?api-version=" + percent_encoded(version);
  return json_request(std::move(path), chat_body(deviations(teacher), "", query), query.stream);
}

Credential AzureOpenAi::credential(const v1::Teacher& teacher, std::string_view key) const {
  if (teacher.profile() == "entra") return OpenAiChat::credential(teacher, key);
  return {.header = {"api-key", std::string(key)}, .signer = nullptr};
}

}  // namespace harvest::dialect
