#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "service/dialect/http_message.h"

namespace harvest::dialect {

/// How long a failure says to wait: a used-up quota a day until midnight in California, where Google's days begin; else
/// the header, else its RetryInfo.
std::optional<std::chrono::nanoseconds> gemini_wait(const HttpExchange& exchange, int64_t utc_us);

/// From this moment to the next midnight in California.
std::chrono::nanoseconds until_pacific_midnight(int64_t utc_us);

}  // namespace harvest::dialect
