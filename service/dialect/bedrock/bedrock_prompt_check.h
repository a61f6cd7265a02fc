#pragma once

#include "absl/status/status.h"
#include "harvest/v1/query.pb.h"

namespace harvest::dialect {

/// INVALID_ARGUMENT names what of a prompt Converse cannot be told. The prompt has passed check_query().
absl::Status check_converse_prompt(const v1::Prompt& prompt);

}  // namespace harvest::dialect
