#pragma once

#include <string_view>

#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// A streamed answer of /completions: pieces of the unstreamed shape up to `[DONE]`. Whole when [DONE] has come, or
/// every choice has its finish reason; else stream_cut().
Outcome read_completions_stream(std::string_view body, size_t slack);

}  // namespace harvest::dialect
