#pragma once

#include "service/dialect/answer_draft.h"
#include "service/dialect/json_body.h"
#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// The choices and usage of a 200 body of /completions. FAULTED when there is no usable choice. Logprobs are the
/// server's own bytes.
Outcome read_completions_answer(const JsonBody& body, bool waits);

/// Appends one element of `choices`, whole or a piece of a stream: its text, labels and finish reason. False where it
/// holds no text.
bool append_completion(const simdjson::dom::object& object, ChoiceDraft& draft);

}  // namespace harvest::dialect
