#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace harvest::dialect {

/// The `input` of each block of a message, the server's own bytes, so that a trainer sees the arguments as they were
/// written; empty for a block that has none. `json`: the message; it has passed a strict parser.
std::vector<std::string> block_inputs(std::string_view json);

}  // namespace harvest::dialect
