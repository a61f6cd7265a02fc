#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <optional>
#include <string_view>

namespace harvest::quality {

/// JSON of at most 100 levels; nothing where it is none.
std::optional<boost::json::value> read_json(std::string_view text);

/// A stranger's schema as the schema library may be trusted with it: made anew of the words that we know, place by
/// place, with what references within it lead to in their stead. So it is a tree: nothing leads back, nothing is looked
/// for, and what it costs to hold a value to it can be told.
///
/// Left out, and so not held to: patterns and formats (the library's regular expressions take a stack frame for each
/// character), uniqueItems (quadratic), dependencies, and what lies deeper than four times through one reference.
struct UsableSchema {
  boost::json::value document;
  size_t looks = 0;  ///< subschemas and listed values: at most so many look at one value
};

/// Nothing where a reference leads out of the schema, to nowhere or at once to itself, where it is no JSON, or where
/// more than 4,096 subschemas or 64 levels would come of it.
std::optional<UsableSchema> usable_schema(std::string_view text);

}  // namespace harvest::quality
