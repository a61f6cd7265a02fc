#pragma once

#include <cstddef>
#include <string_view>

#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// A body of /converse-stream: messageStart, pieces of blocks, messageStop, metadata. The answer is whole with its
/// messageStop; what is broken behind it costs at most the usage. `slack`: see JsonBody.
Outcome read_converse_stream(std::string_view body, size_t slack);

}  // namespace harvest::dialect
