#pragma once

#include <string>
#include <string_view>

namespace harvest::corpus {

/// What a text comes to, so that two samples can be said to agree: the inside of its last `\boxed{…}`; else what stands
/// behind its last `#### `, to the end of the line; else its last number; else all of it. A number is written one way
/// (`1,234.50`, `+1234.5` and `$1234.5` are `1234.5`); anything else in small letters, with single spaces and without a
/// full stop at the end. Empty for a text that says nothing.
std::string final_answer(std::string_view text);

}  // namespace harvest::corpus
