#pragma once

#include <simdjson.h>

#include "harvest/v1/answer.pb.h"

namespace harvest::dialect {

/// `usageMetadata`, where there is one: of a stream the last counts. Google counts what it cached among the prompt, but
/// not thoughts among the candidates' tokens, nor the results of tools of its own among the prompt's; all are billed.
void read_gemini_usage(const simdjson::dom::object& response, v1::Usage& usage);

}  // namespace harvest::dialect
