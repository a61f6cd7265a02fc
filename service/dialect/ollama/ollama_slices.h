#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/dialect/answer_draft.h"

namespace harvest::dialect {

/// The bytes of what is kept verbatim of one object of /api/chat. `json` has passed a strict parser.
///
/// Calls of tools: their arguments are an object here, its own bytes are their text.
std::vector<ToolCallDraft> ollama_tool_calls(std::string_view json);
/// The inside of its `logprobs` array; empty for none.
std::string ollama_logprobs(std::string_view json);

}  // namespace harvest::dialect
