#pragma once

#include <string>

#include "service/dialect/dialect.h"

namespace harvest::dialect {

/// The output cap that this query is sent with: max_tokens may not be left out.
uint32_t anthropic_output_cap(const v1::Teacher& teacher, const v1::Sampling& sampling);

/// The body of POST /v1/messages: one pass, one string. The leading system messages are its `system`; schemas,
/// arguments and extra_body are the user's own bytes. The query has passed check().
///
/// Where a budget for thinking is stated, its summary is asked for, because whether it is shown unasked depends on the
/// model.
std::string anthropic_body(const v1::Teacher& teacher, const QueryView& query);

}  // namespace harvest::dialect
