#pragma once

#include <chrono>

#include "harvest/v1/teacher.pb.h"
#include "service/limit/limiter.h"

namespace harvest::flow {

/// A hold that ends sooner is over before a restart is, and is not kept.
inline constexpr limit::Instant kHoldLeast = std::chrono::seconds(3);

/// What a limiter has found out of limits that nobody states, as it is kept across restarts.
v1::FoundLimits found_limits(const limit::Limiter& limiter, limit::Instant now, int64_t utc_us);

/// As an earlier run kept it.
void restore(limit::Limiter& limiter, const v1::FoundLimits& found, limit::Instant now, int64_t utc_us);

/// Of two finds of one account, what both allow: the smaller rates (what one does not know, the other tells), the
/// larger amounts, the later end of a park.
v1::FoundLimits both(const v1::FoundLimits& a, const v1::FoundLimits& b);

/// Do they say the same? Moments count as the same within a few seconds, since two clocks drift, and numbers in flight
/// within a quarter.
bool alike(const v1::FoundLimits& a, const v1::FoundLimits& b);

}  // namespace harvest::flow
