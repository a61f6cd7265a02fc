#include "tests/teachersim/dialects/azure_chat.h"

#include "tests/teachersim/dialects/query_text.h"

namespace teachersim {

bool AzureChat::speaks(std::string_view path) const {
  return path.ends_with("/chat/completions") && path.find("/openai/deployments/") != std::string_view::npos;
}

std::variant<std::unique_ptr<Question>, Trouble> AzureChat::read(const Call& call) const {
  if (parameter(call.query, "api-version").empty()) return no_api_version();
  return read_body(call.body, percent_decoded(segment_after(call.path, "/openai/deployments/")));
}

Trouble no_api_version() {
  return {Trouble::Kind::kBadRequest, 404, "Resource not found", "", {}};
}

}  // namespace teachersim
