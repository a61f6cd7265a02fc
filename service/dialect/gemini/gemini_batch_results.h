#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "service/dialect/batch.h"

namespace harvest::dialect {

/// What became of a batch's members: an operation that holds them all, or a file with a line each. An error there is of
/// gRPC's kind and is told as its HTTP would be.
absl::StatusOr<std::vector<BatchResult>> read_gemini_results(std::string_view body);

}  // namespace harvest::dialect
