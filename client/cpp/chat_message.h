#pragma once

#include <simdjson.h>

#include "client/cpp/chat_fields.h"
#include "harvest/v1/query.pb.h"

namespace harvest::client {

/// The `messages` of a line: a list that is not empty, each with a known role and content (a text, or a list of parts
/// that is kept as it is). A field of a message that a query has no place for is wrong: left out, it would change what
/// is asked. Pure.
Wrong read_messages(simdjson::dom::element value, v1::Prompt* prompt);

/// The `turns` of a line: texts, or messages of the role user. The first is what is asked, the others come after its
/// answer, one by one. Pure.
Wrong read_turns(simdjson::dom::element value, v1::Prompt* prompt);

}  // namespace harvest::client
