#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

namespace harvest::client {

/// Parsed JSON values as a prompt line needs them again. All pure.

/// Canonical JSON (storage/corpus/canonical_json.h) of any value. Returns a key that stands twice in one object, of
/// which no reader can say what is meant; otherwise nothing.
std::optional<std::string> append_canonical(std::string& out, simdjson::dom::element value);

/// A key that stands twice in this object itself.
std::optional<std::string> doubled_key(simdjson::dom::object object);

/// What was found, for a message: "7", "'abc'", "a list", "nothing" (null). Texts are shown as proto/text allows.
std::string found(simdjson::dom::element value);

}  // namespace harvest::client
