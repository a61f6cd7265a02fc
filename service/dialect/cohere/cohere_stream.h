#pragma once

#include <string_view>

#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// A stream of /v2/chat: typed events that end with message-end, which says why it ended and what it used. A broken
/// one says its error there, too. `slack`: see JsonBody.
Outcome read_cohere_stream(std::string_view body, size_t slack);

}  // namespace harvest::dialect
