#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "service/dialect/batch.h"

namespace harvest::dialect {

/// What became of a batch's members, a line each. An error there has no status: it gets the one that it has online.
absl::StatusOr<std::vector<BatchResult>> read_anthropic_results(std::string_view body);

}  // namespace harvest::dialect
