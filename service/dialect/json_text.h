#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Writing JSON by appending to one string: a request is written in one pass, in the order that it is read, and raw
/// fragments (tools, schemas) are spliced in byte for byte, because their key order is part of a query's identity.
namespace harvest::dialect::json_text {

/// `text` as a JSON string with its quotes. Bytes from 0x80 up go through as they are: the caller sees to UTF-8.
void append_string(std::string& out, std::string_view text);
/// Shortest decimal that reads back as the same double. `value` is finite.
void append_number(std::string& out, double value);
void append_number(std::string& out, int64_t value);

/// `"key":` with a comma before it unless it is the first of its object.
void append_key(std::string& out, std::string_view key);

/// The text between the braces of a JSON object, without surrounding white space; empty for `{}`.
std::string_view inside_object(std::string_view object);

enum class Kind : uint8_t { kInvalid, kObject, kArray, kOther };
/// What kind of JSON value the whole text is. Strict: RFC 8259, valid UTF-8, nothing after the value, depth below 1024.
Kind kind_of(std::string_view text);

}  // namespace harvest::dialect::json_text
