#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "service/dialect/json_body.h"
#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// Google's error: `{"error":{"code","message","status","details":[{"@type",…}]}}`, read tolerantly.
struct GeminiError {
  int number = 0;                                       ///< the HTTP status that it means; 0: unstated
  std::string status;                                   ///< e.g. RESOURCE_EXHAUSTED
  std::string reason;                                   ///< of its ErrorInfo, e.g. API_KEY_INVALID
  std::string message;                                  ///< raw
  bool per_day = false;                                 ///< a quota of requests or tokens a day is used up
  bool no_quota = false;                                ///< the quota is nought: no money, no service
  MetLimit met_limit = MetLimit::kUnknown;              ///< as its QuotaFailure names it
  std::optional<std::chrono::nanoseconds> retry_delay;  ///< of its RetryInfo
};
GeminiError read_gemini_error(const simdjson::dom::object& body);

/// The object within `[{…}]`, as errors come at times; other text as it is.
std::string_view unwrapped(std::string_view body);

/// What it comes to. `http_status`: as it came, 200 for an error inside an answer. `waits`: a time to come back is
/// named.
Outcome gemini_error_outcome(int http_status, const GeminiError& error, bool waits);

}  // namespace harvest::dialect
