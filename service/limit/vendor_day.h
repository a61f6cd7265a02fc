#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace harvest::limit {

/// A vendor's days, counted from 1970-01-01 where it keeps its clock: what it grants for a day begins anew at midnight
/// there. (Money is booked by UTC days, utc_day.h.) Pure: the zone was looked up by whoever made it.
class VendorDay {
 public:
  explicit VendorDay(absl::TimeZone zone = absl::UTCTimeZone()) : zone_(zone) {}

  /// The day of this moment; a clock that stands before the first is in it.
  uint32_t day_of(int64_t utc_us) const;
  /// When the day begins, in UTC microseconds.
  int64_t begin_us(uint32_t day) const;
  /// The UTC day in which the day of this moment began.
  uint32_t first_utc_day(int64_t utc_us) const;

 private:
  absl::TimeZone zone_;
};

}  // namespace harvest::limit
