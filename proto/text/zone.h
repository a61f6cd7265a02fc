#pragma once

#include <string_view>

#include "absl/time/time.h"

namespace harvest::text {

/// A name of the time zone database, as America/Los_Angeles; empty is UTC. False for a name that it has not.
bool find_zone(std::string_view name, absl::TimeZone* zone);

/// The same for a name that was looked at before. Where the database is missing: California's winter time all year for
/// California (an hour late in summer, never early), else UTC.
absl::TimeZone zone_of(std::string_view name);

/// Where Google's days begin.
inline constexpr std::string_view kCalifornia = "America/Los_Angeles";

}  // namespace harvest::text
