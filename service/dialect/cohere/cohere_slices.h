#pragma once

#include <string>
#include <string_view>

namespace harvest::dialect {

/// The server's own bytes of `logprobs` at the top of a body or an event, a list's without its brackets, so that pieces
/// can be joined; empty for none. `json` has passed a strict parser.
std::string cohere_logprobs(std::string_view json);

}  // namespace harvest::dialect
