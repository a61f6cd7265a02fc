#pragma once

#include <string>
#include <string_view>

#include "service/dialect/dialect.h"

namespace harvest::dialect {

/// The body of POST /completions. `logprobs` is a count here: 0 is the chosen token's only. The query has passed
/// check().
std::string completions_body(std::string_view model, const QueryView& query);

}  // namespace harvest::dialect
