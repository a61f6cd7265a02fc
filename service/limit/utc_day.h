#pragma once

#include <cstdint>

#include "service/limit/demand.h"

namespace harvest::limit {

constexpr int64_t kDayUs = 86'400'000'000;

/// UTC days, counted from 1970-01-01; a clock that stands before it is in the first.
uint32_t day_of(int64_t utc_us);
/// When the day begins, in monotonic time: `now` and `utc_us` are the same moment.
Instant begin_of(uint32_t day, Instant now, int64_t utc_us);
/// The first day of the month that this day is in; and of the one after it.
uint32_t month_of(uint32_t day);
uint32_t month_after(uint32_t day);

}  // namespace harvest::limit
