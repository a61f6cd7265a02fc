#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "client/cpp/usage_export.h"

namespace harvest::client {

/// The CSV form of usage_export.h. Rows are counted from 1, the header's; empty ones are not counted.
absl::StatusOr<UsageExport> parse_usage_csv(std::string_view bytes);

}  // namespace harvest::client
