#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Appending JSON to a string, without a tree: answers and ledger lines are written once and never looked at again.
namespace teachersim {

/// `text` in quotes, escaped. Bytes above 0x7F are passed on as they are.
void append_quoted(std::string& out, std::string_view text);

void append_number(std::string& out, std::int64_t value);

}  // namespace teachersim
