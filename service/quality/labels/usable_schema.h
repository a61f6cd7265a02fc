#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string_view>

namespace harvest::quality {

/// JSON of at most 100 levels; nothing where it is none.
std::optional<boost::json::value> read_json(std::string_view text);

/// A stranger's schema without what the schema library cannot be trusted with: patterns and formats, whose regular
/// expressions take a stack frame for each character. Nothing where a reference leads out of the schema or to nowhere,
/// or where more than a thousand subschemas would look at one value, as where a reference leads to itself.
std::optional<boost::json::value> usable_schema(std::string_view text);

}  // namespace harvest::quality
