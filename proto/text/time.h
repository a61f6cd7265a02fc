#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace harvest::text {

/// Stored times are UTC microseconds since 1970; outside they are RFC 3339 in UTC. Days are UTC days. Pure; any thread;
/// errors are INVALID_ARGUMENT and say what was found and expected.

/// "2026-11-20T09:30:00.123456Z": microseconds shown where there are any.
std::string format_utc(int64_t utc_us);

/// Any RFC 3339 offset; fractions beyond microseconds are cut. Years 1970 to 9999.
absl::StatusOr<int64_t> parse_utc(std::string_view rfc3339);

/// Days since 1970-01-01, rounded down.
int64_t day_of(int64_t utc_us);

/// "2026-11-20"
std::string format_day(int64_t day);
absl::StatusOr<int64_t> parse_day(std::string_view yyyy_mm_dd);

}  // namespace harvest::text
