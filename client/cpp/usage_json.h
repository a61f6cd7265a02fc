#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "client/cpp/usage_export.h"

namespace harvest::client {

/// The JSON forms of usage_export.h: one page as the vendor's interface answers it. Amounts that are JSON numbers are
/// exact to 15 digits, texts exactly.
absl::StatusOr<UsageExport> parse_usage_json(std::string_view bytes);

}  // namespace harvest::client
