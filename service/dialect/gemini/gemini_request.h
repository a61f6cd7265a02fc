#pragma once

#include <string>

#include "service/dialect/dialect.h"

namespace harvest::dialect {

/// The body of :generateContent and :streamGenerateContent: one pass, one string. Schemas and extra_body are the user's
/// own bytes. The query has passed check().
///
/// Thoughts are shown where reasoning is asked for. A strict tool makes the calling mode VALIDATED where the model is
/// free to call: it holds for all tools, as ANY does by itself.
std::string gemini_body(const QueryView& query);

}  // namespace harvest::dialect
