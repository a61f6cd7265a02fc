#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "service/dialect/asked.h"

namespace harvest::dialect {

/// INVALID_ARGUMENT names the place. Of functions: a name, and parameters that are a JSON schema. `verbatim`: the
/// server takes the list as it is, and may know tools of other types; those are objects with a type.
absl::Status check_tools_asked(std::string_view tools_json, bool verbatim);

/// A response format that has a schema has one that is.
absl::Status check_schema_asked(const ResponseFormat& format);

}  // namespace harvest::dialect
