#pragma once

#include <cstddef>
#include <string_view>

namespace harvest::corpus {

/// How many bytes at the front of `text` stand in a JSON string as they are: up to the first quote, backslash or
/// control character. Whether they are UTF-8 is not looked at.
size_t plain_run(std::string_view text);

}  // namespace harvest::corpus
