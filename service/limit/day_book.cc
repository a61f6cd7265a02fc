#include "service/limit/day_book.h"

#include <algorithm>

#include "service/limit/utc_day.h"

namespace harvest::limit {

void DayBook::limit_requests(std::optional<int64_t> per_day, Instant jitter) {
  requests_max_ = per_day;
  jitter_ = jitter;
}

void DayBook::restore(uint32_t day, int64_t requests) {
  day_ = day;
  requests_ = requests;
}

uint32_t DayBook::day_at(int64_t utc_us) const {
  return std::max(day_, day_of(utc_us));
}

Instant DayBook::request_ready_at(Instant now, int64_t utc_us) const {
  if (!requests_max_) return now;
  if (*requests_max_ <= 0) return kNever;
  const uint32_t day = day_at(utc_us);
  const int64_t used = day == day_ ? requests_ : day == day_ + 1 ? requests_of_next_day_ : 0;
  return used < *requests_max_ ? now : begin_of(day + 1, now, utc_us);
}

void DayBook::begin(uint32_t day) {
  if (day == day_) return;
  requests_ = day == day_ + 1 ? requests_of_next_day_ : 0;
  requests_of_next_day_ = 0;
  day_ = day;
}

uint32_t DayBook::take(int64_t utc_us) {
  begin(day_at(utc_us));
  ++requests_;
  if (begin_of(day_ + 1, Instant::zero(), utc_us) <= jitter_) ++requests_of_next_day_;
  return day_;
}

double DayBook::requests_share() const {
  if (!requests_max_ || *requests_max_ <= 0) return 0;
  return static_cast<double>(requests_) / static_cast<double>(*requests_max_);
}

}  // namespace harvest::limit
