#pragma once

#include <cstdint>
#include <optional>

#include "service/limit/budget.h"
#include "service/limit/demand.h"

namespace harvest::limit {

/// A teacher's requests and money of the running UTC day.
///
/// Rolls over at midnight, never back: a wall clock that is set back stays in the day that was reached. A permit is
/// settled on the day that granted it; a day that is over is no longer kept here (the store has its figures). A request
/// sent within D of midnight may reach the vendor on either day and so counts on both. Pure; owned by the Limiter.
class DayBook {
 public:
  explicit DayBook(std::optional<int64_t> cap_picodollars) : money_(cap_picodollars) {}

  void limit_requests(std::optional<int64_t> per_day, Instant jitter);
  void restore(uint32_t day, int64_t requests, int64_t spent, int64_t at_risk);

  /// `now` where there is room, else the next midnight; Instant::max() for what no day can pay.
  Instant request_ready_at(Instant now, int64_t utc_us) const;
  Instant money_ready_at(int64_t cost, Instant now, int64_t utc_us) const;

  /// Books one request and reserves `cost`; returns the day they are booked on.
  uint32_t take(int64_t cost, int64_t utc_us);
  /// Money alone, of no request.
  uint32_t reserve(int64_t cost, int64_t utc_us);
  /// What an earlier run reserved on that day, whether it fits or not.
  void hold(int64_t cost, uint32_t day);
  void settle(uint32_t day, int64_t reserved, int64_t spent, int64_t at_risk);

  uint32_t day() const { return day_; }
  int64_t requests() const { return requests_; }
  bool requests_limited() const { return requests_max_.has_value(); }
  double requests_share() const;
  const Budget& money() const { return money_; }

 private:
  uint32_t day_at(int64_t utc_us) const;
  void begin(uint32_t day);
  Instant midnight(Instant now, int64_t utc_us) const;

  uint32_t day_ = 0;
  int64_t requests_ = 0;
  int64_t requests_of_next_day_ = 0;  ///< sent so late that they may count tomorrow
  std::optional<int64_t> requests_max_;
  int64_t jitter_us_ = 0;
  Budget money_;
};

}  // namespace harvest::limit
