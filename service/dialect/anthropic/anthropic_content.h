#pragma once

#include <string>

#include "harvest/v1/query.pb.h"

namespace harvest::dialect {

/// `"messages":[…]`: the prompt's turns. A turn that is one text is a string, else a list of blocks: text, image,
/// tool_use, tool_result. The prompt has passed check().
void append_anthropic_turns(std::string& out, const v1::Prompt& prompt);

}  // namespace harvest::dialect
