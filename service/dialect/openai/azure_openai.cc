#include "service/dialect/openai/azure_openai.h"

#include <array>
#include <utility>

#include "service/dialect/openai/azure_address.h"
#include "service/dialect/openai/azure_batches.h"
#include "service/dialect/openai/openai_chat_request.h"
#include "service/dialect/url_text.h"

namespace harvest::dialect {
namespace {

constexpr std::array<std::string_view, 3> kTiers{"auto", "default", "priority"};

/// OpenAI's own, but for its name and tiers.
OpenAiProfile make_azure_profile() {
  OpenAiProfile made = *find_openai_profile("openai");
  made.name = "azure";
  made.abilities.dialect = "azure-openai";
  made.abilities.service_tiers = kTiers;
  return made;
}

}  // namespace

const OpenAiProfile& AzureOpenAi::deviations(const v1::Teacher&) const {
  static const OpenAiProfile kProfile = make_azure_profile();
  return kProfile;
}

HttpRequest AzureOpenAi::encode(const v1::Teacher& teacher, const QueryView& query) const {
  if (azure_names_model(teacher)) return OpenAiChat::encode(teacher, query);
  std::string path = azure_path(teacher, "/deployments/" + percent_encoded(teacher.model()) + "/chat/completions");
  return json_request(std::move(path), chat_body(deviations(teacher), "", query), query.stream);
}

Credential AzureOpenAi::credential(const v1::Teacher& teacher, std::string_view key) const {
  if (teacher.profile() == "entra") return OpenAiChat::credential(teacher, key);
  return {.header = {"api-key", std::string(key)}, .signer = nullptr};
}

const BatchInterface* AzureOpenAi::batches(const v1::Teacher&) const {
  static const AzureBatches kBatches;
  return &kBatches;
}

}  // namespace harvest::dialect
