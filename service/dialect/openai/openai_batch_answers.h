#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "service/dialect/batch.h"

/// What OpenAI's files and batches answer, and Azure's; the lines of results are Mistral's too.
namespace harvest::dialect {

/// Under which a batch's metadata holds our token.
inline constexpr std::string_view kTokenKey = "harvest_token";

absl::StatusOr<std::string> read_openai_file(std::string_view body);
absl::StatusOr<BatchStanding> read_openai_standing(std::string_view body);
absl::StatusOr<BatchPage> read_openai_page(std::string_view body);
absl::StatusOr<std::vector<BatchResult>> read_openai_results(std::string_view body);
absl::StatusOr<std::vector<BatchResult>> read_mistral_results(std::string_view body);

}  // namespace harvest::dialect
