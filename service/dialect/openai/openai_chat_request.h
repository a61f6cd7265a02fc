#pragma once

#include <string>
#include <string_view>

#include "service/dialect/dialect.h"
#include "service/dialect/openai/openai_profile.h"

namespace harvest::dialect {

/// The body of POST /chat/completions: one pass, one string. Messages' parts, tools, tool choice, response format and
/// extra_body are the user's own bytes. The query has passed check(). `model` empty: the URL names it.
std::string chat_body(const OpenAiProfile& profile, std::string_view model, const QueryView& query);

}  // namespace harvest::dialect
