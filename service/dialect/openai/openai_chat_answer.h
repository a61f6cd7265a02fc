#pragma once

#include "service/dialect/json_body.h"
#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// The choices and usage of a 200 body of /chat/completions, with every deviation of the compatible servers that we
/// know. A pure function of the body: a stored answer reads as it did when it arrived. FAULTED when there is no usable
/// choice.
///
/// - `reasoning_content`, `reasoning` and parts of type thinking go to reasoning_content; inline <think> stays in the
/// text;
/// - `message.refusal` becomes the content of a refused choice, content_filter marks it refused too;
/// - choices that the server broke off (abort, error, insufficient_system_resource) fault the answer only if all are
/// so;
///   among good ones, which were paid for, they stay, marked truncated;
/// - tool calls and logprobs are the server's own bytes.
Outcome read_chat_answer(const JsonBody& body, bool waits);

}  // namespace harvest::dialect
