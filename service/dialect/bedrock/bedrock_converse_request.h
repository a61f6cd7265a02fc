#pragma once

#include <string>

#include "service/dialect/dialect.h"

namespace harvest::dialect {

/// The body of /converse and /converse-stream, which are the same. The query has passed check_converse().
std::string converse_body(const QueryView& query);

}  // namespace harvest::dialect
