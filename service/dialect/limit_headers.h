#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "service/dialect/http_message.h"
#include "service/dialect/outcome.h"

/// What servers of the OpenAI family, and Anthropic, say of their limits in headers. Vendors disagree on names and
/// units; every reading is tolerant, and what cannot be read is absent, never an error.
namespace harvest::dialect {

/// `(\d+(\.\d+)?(ns|us|ms|s|m|h|d))+` summed ("6m0s", "1h30m", "12ms"); a bare number is seconds, above 1e9 a Unix time
/// in seconds, above 1e12 in milliseconds; also an RFC 3339 time. Negative is 0; above a day is a day for no limit
/// lasts longer without being asked about again.
std::optional<std::chrono::nanoseconds> parse_reset(std::string_view text, int64_t utc_us);

/// The server's wish, in the order in which official clients look: `retry-after-ms` (float), `retry-after` as float
/// seconds, as HTTP date.
std::optional<std::chrono::nanoseconds> retry_after(const HttpExchange& exchange, int64_t utc_us);

/// What a server counts by, where the header's name does not say.
enum class LimitUnit : uint8_t { kMinute, kSecond, kDay, kUnknown };
struct LimitUnits {
  LimitUnit requests = LimitUnit::kMinute;  ///< `x-ratelimit-limit-requests` and its like
  LimitUnit unnamed = LimitUnit::kUnknown;  ///< `x-ratelimit-limit`, which names no dimension: of requests
};

/// Fills requests and tokens of the outcome from `x-ratelimit-*`, `anthropic-ratelimit-*` and their relatives: as of a
/// minute, and nothing where that cannot be said (a day's quota, a figure of unknown unit; of a second's, what is left
/// and until when). A joint token limit (input and output in one figure, as OpenAI's and Groq's is) is put under
/// input_tokens. Where several figures speak of one dimension, the one with the least remaining counts. The limit that
/// a throttled attempt met is the one of which nothing is left, unless it is known; where that is the figure that names
/// no dimension, its reset is the time to wait, unless another is told.
void read_limits(const Headers& headers, int64_t utc_us, LimitUnits units, Outcome& outcome);

}  // namespace harvest::dialect
