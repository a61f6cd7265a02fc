#include "proto/text/zone.h"

#include <string>

namespace harvest::text {
namespace {

constexpr int kCaliforniaWinterSeconds = -8 * 3600;

}  // namespace

bool find_zone(std::string_view name, absl::TimeZone* zone) {
  *zone = absl::UTCTimeZone();
  return name.empty() || absl::LoadTimeZone(std::string(name), zone);
}

absl::TimeZone zone_of(std::string_view name) {
  absl::TimeZone zone;
  if (find_zone(name, &zone)) return zone;
  return name == kCalifornia ? absl::FixedTimeZone(kCaliforniaWinterSeconds) : absl::UTCTimeZone();
}

}  // namespace harvest::text
