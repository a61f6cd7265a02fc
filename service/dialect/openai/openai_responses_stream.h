#pragma once

#include <string_view>

#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// A streamed answer of /responses. Its one terminal event (response.completed, .incomplete, .failed) holds the whole
/// response object, which is read as an unstreamed answer; the events before it tell only when the first token came,
/// and how far a stream got that was cut. `error` ends it as the error that it holds. [DONE] is not waited for.
Outcome read_responses_stream(std::string_view body, size_t slack);

}  // namespace harvest::dialect
