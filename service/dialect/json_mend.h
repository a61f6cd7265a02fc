#pragma once

#include <string>
#include <string_view>

namespace harvest::dialect {

/// A copy of a JSON text in which what cannot be Unicode is U+FFFD: bytes that are no UTF-8, and `\uD800`-like escapes
/// without their other half.
///
/// Why: a model cut in the middle of an emoji makes its server send exactly that, in an answer that was paid for.
/// Strict parsers refuse the whole body for it; we lose one character instead. Called only after a strict parse has
/// failed, for new answers and stored ones alike, so that both read the same.
std::string mended_json(std::string_view text);

/// A copy in which bytes that are no UTF-8 are U+FFFD, for text that is no JSON.
std::string mended_utf8(std::string_view text);

}  // namespace harvest::dialect
