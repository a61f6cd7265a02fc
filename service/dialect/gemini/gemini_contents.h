#pragma once

#include <string>

#include "harvest/v1/query.pb.h"

namespace harvest::dialect {

/// `"contents":[…]`: the messages behind the leading system messages. Neighbours of one role are one content, for turns
/// alternate here. A tool's result is a functionResponse of the user, with the name of the call that it answers; one
/// that is a JSON object goes as it is, any other text as {"output":text}.
void append_contents(std::string& out, const v1::Prompt& prompt);

/// The name of the function whose result this message (of role tool) is: as an earlier call of its id tells, else as it
/// says itself; empty: unknown. `number`: the message's place in the prompt.
std::string result_name(const v1::Prompt& prompt, int number);

}  // namespace harvest::dialect
