#pragma once

#include <string_view>

#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// A streamed answer: each event is a whole response that adds to it. There is no end marker: it is whole when every
/// candidate seen has its finish reason. An error comes as an event, or as bare JSON between or behind events.
Outcome read_gemini_stream(std::string_view body, size_t slack);

}  // namespace harvest::dialect
