#pragma once

#include <string_view>

#include "service/dialect/json_body.h"
#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// An unstreamed body of /api/chat is a stream of one object: text, thinking and calls of its `message`, and `done`.
///
/// - finish reason: done_reason (older servers send none); `length` means truncated; `load` and `unload` answer a
///   request that asked nothing, and are faults here;
/// - an object with an `error`, in the midst of a stream too, is the error that it holds;
/// - without `done: true` it is cut.
Outcome read_ollama_answer(const JsonBody& body);
Outcome read_ollama_stream(std::string_view body, size_t slack);

}  // namespace harvest::dialect
