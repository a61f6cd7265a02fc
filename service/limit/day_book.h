#pragma once

#include <cstdint>
#include <optional>

#include "service/limit/demand.h"
#include "service/limit/vendor_day.h"

namespace harvest::limit {

/// A teacher's requests of the vendor's running day.
///
/// Rolls over at midnight, never back: a wall clock that is set back stays in the day that was reached. A request sent
/// within D of midnight may reach the vendor on either day and so counts on both. Pure; owned by the Limiter.
class DayBook {
 public:
  void limit_requests(std::optional<int64_t> per_day, VendorDay days, Instant jitter);
  /// So many were sent on the day of this moment, or more: what is not known better counts.
  void restore(int64_t utc_us, int64_t requests);

  /// `now` where there is room, else the next midnight; kNever where none is ever granted.
  Instant request_ready_at(Instant now, int64_t utc_us) const;
  void take(int64_t utc_us);

  int64_t requests() const { return requests_; }
  /// Of the day of this moment, which may have begun since the last one was sent.
  int64_t requests_on(int64_t utc_us) const;
  /// Was it sent on an earlier day than that of this moment, whatever its way to the vendor took?
  bool is_of_before(int64_t sent_us, int64_t utc_us) const;
  const VendorDay& days() const { return days_; }
  bool requests_limited() const { return requests_max_.has_value(); }
  double requests_share() const;

 private:
  uint32_t day_at(int64_t utc_us) const;
  void begin(uint32_t day);

  uint32_t day_ = 0;
  int64_t ends_us_ = 0;  ///< that day, in UTC microseconds: kept, as each attempt asks
  int64_t requests_ = 0;
  int64_t requests_of_next_day_ = 0;  ///< sent so late that they may count tomorrow
  std::optional<int64_t> requests_max_;
  VendorDay days_;
  Instant jitter_{};
};

}  // namespace harvest::limit
