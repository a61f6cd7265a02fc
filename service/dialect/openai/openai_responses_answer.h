#pragma once

#include <simdjson.h>

#include <string_view>

#include "service/dialect/json_body.h"
#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// A body of /responses: the response object, or an error.
Outcome read_responses_answer(const JsonBody& body, bool waits);

/// The response object itself: the body of an unstreamed answer, or what a stream's last event holds. `json`: the text
/// that it was parsed from, itself or the event around it.
///
/// - Its one choice is made of all output items: texts are joined, summaries of reasoning (or its text, where a server
///   shows it) are reasoning_content, function calls are tool calls, `refusal` parts mark it refused;
/// - finish reason: why it is incomplete, else its status;
/// - `failed` is the error that it holds; a status that is no end (`queued`) is no answer.
Outcome read_response_object(const simdjson::dom::object& response, std::string_view json, bool waits);

}  // namespace harvest::dialect
