#pragma once

#include <string>

#include "harvest/v1/query.pb.h"

namespace harvest::dialect {

/// `"input":[…]`: the messages behind the leading system messages, as items. Text alone is a string; what consists of
/// several parts is a list of them. An assistant's tool calls are items of their own behind what it said; a tool's
/// result is a function_call_output.
void append_input(std::string& out, const v1::Prompt& prompt);

}  // namespace harvest::dialect
