#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace harvest::client {

/// Text of a teacher or a user as a terminal may be shown it: control characters, escape sequences and the marks that
/// turn the direction of writing are spelled out (\u001b, \u202e), broken UTF-8 is replaced. Line ends too, unless
/// `keep_lines`.
std::string safe_text(std::string_view text, bool keep_lines = false);

/// Columns that a text takes, one a character: good enough for names and numbers.
size_t columns_of(std::string_view utf8);

/// Cut to `columns`, with … where something is missing.
std::string cut_to(std::string_view utf8, size_t columns);

bool is_terminal(int fd);
/// Of a terminal that does not say.
constexpr size_t kColumnsUsual = 80;
/// Columns of the terminal at `fd`.
size_t terminal_columns(int fd);

}  // namespace harvest::client
