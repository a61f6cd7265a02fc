#pragma once

#include "service/dialect/json_body.h"
#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// A body of /v1/messages that is no stream: the message, or an error. Its blocks are read as anthropic_message.h says.
Outcome read_anthropic_answer(const JsonBody& body, bool waits);

}  // namespace harvest::dialect
