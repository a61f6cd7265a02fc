#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace harvest::dialect {

/// INVALID_ARGUMENT: what is wrong with this field of a query.
inline absl::Status field_error(std::string_view field, std::string_view what) {
  return absl::InvalidArgumentError(std::string(field) + ": " + std::string(what));
}

/// The same, where the field is none of what was expected.
inline absl::Status expected_error(std::string_view field, std::string_view expected) {
  return field_error(field, "expected " + std::string(expected));
}

}  // namespace harvest::dialect
