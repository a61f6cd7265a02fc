#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>

#include "harvest/v1/answer.pb.h"

namespace harvest::dialect {

/// Tokens of a chat answer as any server of the family reports them. False when it reported none that can be believed:
/// missing, negative, fractional, or more than 1e9. What is a part never exceeds its whole, so that costs cannot go
/// negative.
bool read_openai_usage(const simdjson::dom::object& answer, v1::Usage& usage);
/// What a reseller says that the answer costs (OpenRouter's `usage.cost`, in dollars).
std::optional<int64_t> read_reported_cost(const simdjson::dom::object& answer);
/// The same of /responses, whose names are its own.
bool read_responses_usage(const simdjson::dom::object& answer, v1::Usage& usage);

}  // namespace harvest::dialect
