#pragma once

#include <string_view>

#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// A streamed message: message_start (head, first usage), its blocks one after another, message_delta (why it ends,
/// usage so far, the last one wins), message_stop, which is the end. `error` may come at any time and ends it as the
/// error that it holds; `ping` and events that we do not know are passed over.
Outcome read_anthropic_stream(std::string_view body, size_t slack);

}  // namespace harvest::dialect
