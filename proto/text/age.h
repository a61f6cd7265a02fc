#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace harvest::text {

/// How old something may be, as people write it: "12h", "7d", "1d12h", "90m". In microseconds; more than nothing, at
/// most a hundred years. A day is 24 hours. Pure; any thread; INVALID_ARGUMENT says what was found and expected.
absl::StatusOr<int64_t> parse_age(std::string_view age);

}  // namespace harvest::text
