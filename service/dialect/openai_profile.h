#pragma once

#include <string_view>

#include "harvest/v1/teacher.pb.h"

namespace harvest::dialect {

/// The name of the field that caps an answer. `max_completion_tokens` (OpenAI, Azure, Groq, vLLM, SGLang, TGI) is the
/// default; a teacher whose `vendor` or first endpoint's host is known to take only the older `max_tokens` gets that. A
/// cap that the server silently ignores would break a budget, so a server of the older kind is named by `vendor:
/// max-tokens` where it is not known by name (llama.cpp, a gateway).
std::string_view output_cap_field(const v1::Teacher& teacher);

}  // namespace harvest::dialect
