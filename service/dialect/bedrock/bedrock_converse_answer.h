#pragma once

#include "service/dialect/json_body.h"
#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// A 2xx body of /converse: {output: {message: {content: [block, …]}}, stopReason, usage}; or an exception all the
/// same.
Outcome read_converse_answer(const JsonBody& body, bool waits);

}  // namespace harvest::dialect
