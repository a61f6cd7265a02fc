#pragma once

#include <string_view>

#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// The limit that a vendor's words about a refused attempt name; kUnknown: none. "Too many requests" is the status' own
/// name, and says nothing.
MetLimit limit_in_words(std::string_view message);

}  // namespace harvest::dialect
