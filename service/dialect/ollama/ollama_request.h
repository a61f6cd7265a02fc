#pragma once

#include <string>
#include <string_view>

#include "service/dialect/dialect.h"

namespace harvest::dialect {

/// INVALID_ARGUMENT where extra_body.options is no object, or names an option that the query has a field for.
absl::Status check_ollama_options(const v1::Sampling& sampling);

/// The body of POST /api/chat: one pass, one string. What extra_body says under `options` (num_ctx, min_p) stands
/// behind the query's own options; its other members are merged into the top level. The query has passed check().
std::string ollama_body(std::string_view model, const QueryView& query);

}  // namespace harvest::dialect
