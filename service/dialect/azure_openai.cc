#include "service/dialect/azure_openai.h"

#include <array>

#include "service/dialect/openai_chat_request.h"
#include "service/dialect/url_text.h"

namespace harvest::dialect {
namespace {

constexpr std::string_view kApiVersion = "2024-10-21";

constexpr std::array<std::string_view, 7> kEfforts{"none", "minimal", "low", "medium", "high", "xhigh", "max"};
constexpr std::array<std::string_view, 3> kTiers{"auto", "default", "priority"};

const OpenAiProfile& deviations() {
  static const OpenAiProfile kProfile = [] {
    const v1::Teacher openai = [] {
      v1::Teacher teacher;
      teacher.set_profile("openai");
      return teacher;
    }();
    OpenAiProfile made = openai_profile(openai);
    made.name = "azure";
    made.abilities.dialect = "azure-openai";
    made.abilities.efforts = kEfforts;
    made.abilities.service_tiers = kTiers;
    return made;
  }();
  return kProfile;
}

/// The newer face names no deployment in its path.
bool is_v1(const v1::Teacher& teacher) {
  std::string_view url = teacher.endpoints_size() > 0 ? teacher.endpoints(0) : teacher.endpoint();
  if (url.ends_with('/')) url.remove_suffix(1);
  return url.ends_with("/openai/v1");
}

}  // namespace

const Abilities& AzureOpenAi::abilities(const v1::Teacher&) const {
  return deviations().abilities;
}

HttpRequest AzureOpenAi::encode(const v1::Teacher& teacher, const QueryView& query) const {
  HttpRequest request;
  request.headers = json_headers(query.stream);
  request.streamed = query.stream;
  if (is_v1(teacher)) {
    request.path = "/chat/completions";
    request.body = chat_body(deviations(), teacher.model(), query);
    return request;
  }
  const std::string_view version = teacher.api_version().empty() ? kApiVersion : teacher.api_version();
  request.path = "/openai/deployments/" + percent_encoded(teacher.model()) +
                 "/chat/completions?api-version=" + percent_encoded(version);
  request.body = chat_body(deviations(), "", query);
  return request;
}

Credential AzureOpenAi::credential(const v1::Teacher& teacher, std::string_view key) const {
  if (teacher.profile() == "entra") return OpenAiChat::credential(teacher, key);
  return {.header = {"api-key", std::string(key)}, .signer = nullptr};
}

}  // namespace harvest::dialect
