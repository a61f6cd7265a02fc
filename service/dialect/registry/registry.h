#pragma once

#include <string_view>
#include <vector>

#include "service/dialect/dialect.h"

/// Which dialects there are. Whoever only speaks one that it was handed includes dialect.h alone.
namespace harvest::dialect {

/// The dialect of this name, or null.
const Dialect* find_dialect(std::string_view name);
/// Their names.
std::vector<std::string_view> dialects();

}  // namespace harvest::dialect
