#include "service/dialect/registry/teacher_fields.h"

namespace harvest::dialect {

std::vector<std::string_view> teacher_fields(std::string_view dialect) {
  if (dialect == "azure-openai" || dialect == "anthropic-messages") return {"api_version"};
  if (dialect == "bedrock-converse") return {"region"};
  return {};
}

}  // namespace harvest::dialect
