#pragma once

#include <string>
#include <string_view>

namespace harvest::dialect {

/// The logprobs of all texts of a response object, the server's own bytes, joined: `{"content":[…]}`, as in chat; empty
/// for none. `json`: the object, or the event around it; it has passed a strict parser.
std::string responses_logprobs(std::string_view json);

}  // namespace harvest::dialect
