#include "service/dialect/anthropic/anthropic_address.h"

#include "service/dialect/endpoint.h"

namespace harvest::dialect {
namespace {

constexpr std::string_view kVersion = "2023-06-01";

}  // namespace

std::string anthropic_path(const v1::Teacher& teacher, std::string_view place) {
  const std::string_view version = endpoint_of(teacher).ends_with("/v1") ? "" : "/v1";
  return std::string(version) + std::string(place);
}

Headers anthropic_version(const v1::Teacher& teacher) {
  return {{"anthropic-version", teacher.api_version().empty() ? std::string(kVersion) : teacher.api_version()}};
}

}  // namespace harvest::dialect
