#pragma once

#include <string>

#include "absl/status/status.h"
#include "harvest/v1/query.pb.h"

namespace harvest::dialect {

/// INVALID_ARGUMENT names what of the prompt's messages /api/chat cannot be told. check_query() has passed them.
absl::Status check_ollama_messages(const v1::Prompt& prompt);

/// The member `messages`: content is one text, images stand beside it as base64, a tool's result names its tool, and
/// arguments of calls are objects. The prompt has passed the check above.
void append_ollama_messages(std::string& out, const v1::Prompt& prompt);

}  // namespace harvest::dialect
