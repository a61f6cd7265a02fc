#include "service/dialect/openai/azure_batches.h"

#include "service/dialect/openai/azure_address.h"

namespace harvest::dialect {

BatchLimits AzureBatches::limits() const {
  constexpr int kDays = 7;  // no end is promised
  return {.members_max = 100'000, .body_bytes_max = 170'000'000, .window = std::chrono::hours(kDays * 24)};
}

std::string AzureBatches::path(const v1::Teacher& teacher, std::string_view place) const {
  return azure_path(teacher, place);
}

std::string_view AzureBatches::model_of_lines(const v1::Teacher& teacher) const {
  return azure_names_model(teacher) ? std::string_view() : std::string_view(teacher.model());
}

}  // namespace harvest::dialect
