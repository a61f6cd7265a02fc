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

/// Fills requests and tokens of the outcome from `x-ratelimit-*`, `anthropic-ratelimit-*` and their relatives. A joint
/// token limit (input and output in one figure, as OpenAI's and Groq's is) is put under input_tokens. Where several
/// figures speak of one dimension, the one with the least remaining counts.
void read_limits(const Headers& headers, int64_t utc_us, Outcome& outcome);

}  // namespace harvest::dialect
