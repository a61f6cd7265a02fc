#include "service/limit/vendor_day.h"

#include <algorithm>

#include "absl/time/civil_time.h"
#include "service/limit/utc_day.h"

namespace harvest::limit {
namespace {

constexpr absl::CivilDay kFirst(1970, 1, 1);

}  // namespace

uint32_t VendorDay::day_of(int64_t utc_us) const {
  const absl::CivilDay day = absl::ToCivilDay(absl::FromUnixMicros(utc_us), zone_);
  return static_cast<uint32_t>(std::max<absl::civil_diff_t>(day - kFirst, 0));
}

int64_t VendorDay::begin_us(uint32_t day) const {
  return absl::ToUnixMicros(absl::FromCivil(kFirst + day, zone_));
}

uint32_t VendorDay::first_utc_day(int64_t utc_us) const {
  return limit::day_of(begin_us(day_of(utc_us)));
}

}  // namespace harvest::limit
