#include "service/dialect/openai/azure_address.h"

#include "service/dialect/endpoint.h"
#include "service/dialect/url_text.h"

namespace harvest::dialect {
namespace {

constexpr std::string_view kApiVersion = "2024-10-21";

}  // namespace

bool azure_names_model(const v1::Teacher& teacher) {
  return endpoint_of(teacher).ends_with("/openai/v1");
}

std::string azure_path(const v1::Teacher& teacher, std::string_view place) {
  if (azure_names_model(teacher)) return std::string(place);
  const std::string_view version = teacher.api_version().empty() ? kApiVersion : teacher.api_version();
  return "/openai" + std::string(place) + "?api-version=" + percent_encoded(version);
}

}  // namespace harvest::dialect
