#pragma once

#include <string>

#include "service/dialect/dialect.h"

namespace harvest::dialect {

/// The body of POST /chat/completions: one pass, one string. Messages' parts, tools, tool choice, response format and
/// extra_body are the user's own bytes. The query has passed check_chat().
std::string chat_body(const v1::Teacher& teacher, const QueryView& query);

}  // namespace harvest::dialect
