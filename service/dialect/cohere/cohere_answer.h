#pragma once

#include "service/dialect/json_body.h"
#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// A whole body of /v2/chat: `{id, finish_reason, message: {content, tool_plan, tool_calls}, usage, logprobs}`, or an
/// error. A plan of tools' use is thought before it is done: it is put into reasoning_content.
Outcome read_cohere_answer(const JsonBody& body, bool waits);

}  // namespace harvest::dialect
