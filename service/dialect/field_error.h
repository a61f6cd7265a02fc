#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace harvest::dialect {

/// INVALID_ARGUMENT: what is wrong with this field of a query.
inline absl::Status field_error(std::string_view field, std::string_view what) {
  return absl::InvalidArgumentError(std::string(field) + ": " + std::string(what));
}

}  // namespace harvest::dialect
