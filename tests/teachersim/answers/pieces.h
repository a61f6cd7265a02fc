#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// What streams are made of.
namespace teachersim {

/// A text in pieces of at most `bytes` bytes (more where one character needs more), none of which cuts a UTF-8
/// character. An empty text has no pieces.
std::vector<std::string_view> pieces_of(std::string_view text, std::size_t bytes);

/// One server-sent event; without a name when that is empty.
std::string sse_event(std::string_view name, std::string_view data);

}  // namespace teachersim
