#pragma once

#include <cstdint>
#include <optional>

#include "service/limit/budget.h"
#include "service/limit/demand.h"

namespace harvest::limit {

/// Money of one owner, a teacher or a tenant, under a cap per UTC day and one per UTC month; either may be missing.
///
/// Rolls over at midnight and at the month's end, never back: a wall clock that is set back stays in the day that was
/// reached. What an attempt reserved is settled in the day and month that granted it; those that are over are no longer
/// kept here (the store has their figures). Amounts in picodollars. Pure; decision lane.
class Purse {
 public:
  struct Caps {
    std::optional<int64_t> day, month;
  };
  struct Booked {
    int64_t spent = 0, at_risk = 0;
  };

  explicit Purse(Caps caps = {}) : day_(caps.day), month_(caps.month) {}

  /// From the store at start: today's figures, and those of the days of this month before it.
  void restore(uint32_t day, Booked today, Booked month_before);

  /// `now` where it fits, else when the day or month that is full ends; kNever for what no month can pay.
  Instant ready_at(int64_t cost, Instant now, int64_t utc_us) const;
  /// The day that something reserved now would be booked on.
  uint32_t day_at(int64_t utc_us) const;
  /// Requires that it fits.
  void reserve(int64_t cost, uint32_t day);
  /// What an earlier run reserved on that day, whether it fits or not.
  void hold(int64_t cost, uint32_t day);
  void settle(uint32_t day, int64_t reserved, int64_t spent, int64_t at_risk);

  bool capped() const { return day_.cap() || month_.cap(); }
  const Budget& today() const { return day_; }
  const Budget& month() const { return month_; }

 private:
  void begin(uint32_t day);

  bool in_month(uint32_t day) const { return day >= month_begin_ && day < month_end_; }

  uint32_t day_number_ = 0;
  /// Of that day's month; kept, as each attempt asks. They begin with January 1970, like the day.
  uint32_t month_begin_ = 0, month_end_ = 31;
  Budget day_, month_;
};

}  // namespace harvest::limit
