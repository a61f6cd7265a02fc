#pragma once

#include <string>

#include "absl/status/status.h"
#include "harvest/v1/query.pb.h"

namespace harvest::dialect {

/// INVALID_ARGUMENT names what of the prompt's messages /v2/chat cannot be told. check_query() has passed them.
absl::Status check_cohere_messages(const v1::Prompt& prompt);

/// The member `messages`: OpenAI's, but that thoughts are parts of the content. The prompt has passed the check above.
void append_cohere_messages(std::string& out, const v1::Prompt& prompt);

}  // namespace harvest::dialect
