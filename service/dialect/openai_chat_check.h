#pragma once

#include "absl/status/status.h"
#include "harvest/v1/query.pb.h"

namespace harvest::dialect {

/// What /chat/completions cannot say, or what would make a body that is no JSON: INVALID_ARGUMENT naming the field,
/// what was found, and what to do. A field of extra_body that the request writes itself is refused, `n`, caps and
/// `stream` above all: they would change the cost behind the budget's back.
absl::Status check_chat(const v1::Prompt& prompt, const v1::Sampling& sampling);

}  // namespace harvest::dialect
