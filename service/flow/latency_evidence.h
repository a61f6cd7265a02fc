#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "storage/store/store.h"

namespace harvest::flow {

/// The longest time that one of this teacher's latest answers took, as stored; none where it has not answered lately.
/// Reads a few rows: for the start, not for a lane.
std::optional<std::chrono::microseconds> longest_recent_answer(const store::Store& store, const std::string& teacher);

/// How much longer an attempt that a crash left open may still be running at the vendor: until twice the longest recent
/// answer has passed since it started; a minute where nothing is known, and never more than that. Pure.
std::chrono::microseconds hold_time(int64_t started_at_us, int64_t utc_us,
                                    std::optional<std::chrono::microseconds> longest_answer);

}  // namespace harvest::flow
