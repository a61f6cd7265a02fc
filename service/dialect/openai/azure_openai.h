#pragma once

#include "service/dialect/openai/openai_chat.h"

namespace harvest::dialect {

/// `azure-openai`: OpenAI's chat completions under a resource of one's own, the model being a deployment. The endpoint
/// is the resource (https://NAME.openai.azure.com), or its newer face (…/openai/v1), which takes the deployment as the
/// model. Profile `entra`: the key is an Entra token and goes as Bearer. A blocked prompt comes as a 400: a refusal.
class AzureOpenAi final : public OpenAiChat {
 public:
  std::string_view name() const override { return "azure-openai"; }
  std::string_view vendor() const override { return "azure.ai.openai"; }
  std::vector<std::string_view> profiles() const override { return {"api-key", "entra"}; }
  std::string_view profile(const v1::Teacher& teacher) const override { return teacher.profile(); }
  HttpRequest encode(const v1::Teacher& teacher, const QueryView& query) const override;
  const BatchInterface* batches(const v1::Teacher& teacher) const override;
  Credential credential(const v1::Teacher& teacher, std::string_view key) const override;

 protected:
  const OpenAiProfile& deviations(const v1::Teacher& teacher) const override;
};

}  // namespace harvest::dialect
