#pragma once

#include <boost/json.hpp>

#include "tests/teachersim/answers/draw.h"

namespace teachersim {

/// A value that satisfies a JSON Schema of the kind structured outputs allow: type (also a list), properties, items
/// with minItems, enum, const, anyOf / oneOf / allOf (first member), $ref within the document, minimum. Every property
/// is given. Anything not understood becomes a short string. Recursion ends at a fixed depth.
boost::json::value fill_schema(const boost::json::value& schema, Draw& draw);

}  // namespace teachersim
