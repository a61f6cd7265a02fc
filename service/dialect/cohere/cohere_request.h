#pragma once

#include <string>
#include <string_view>

#include "service/dialect/dialect.h"

namespace harvest::dialect {

/// INVALID_ARGUMENT names what of tools and tool_choice /v2/chat cannot be told. check_query() has passed them.
absl::Status check_cohere_tools(const v1::Prompt& prompt);

/// The body of POST /v2/chat: one pass, one string; schemas and extra_body are the user's own bytes. The query has
/// passed check().
std::string cohere_body(std::string_view model, const QueryView& query);

}  // namespace harvest::dialect
