#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "service/dialect/json_body.h"

namespace harvest::dialect {

/// A count of tokens under this key; none where it is absent, no whole number, or more than anybody can have used.
std::optional<uint64_t> token_count_at(const simdjson::dom::object& object, std::string_view key);

}  // namespace harvest::dialect
