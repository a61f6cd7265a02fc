#include "service/limit/day_book.h"

#include <algorithm>

namespace harvest::limit {

void DayBook::limit_requests(std::optional<int64_t> per_day, VendorDay days, Instant jitter) {
  requests_max_ = per_day;
  days_ = days;
  ends_us_ = days_.begin_us(day_ + 1);
  jitter_ = jitter;
}

void DayBook::restore(int64_t utc_us, int64_t requests) {
  begin(days_.day_of(utc_us));
  requests_ = requests;
}

uint32_t DayBook::day_at(int64_t utc_us) const {
  return utc_us < ends_us_ ? day_ : std::max(day_, days_.day_of(utc_us));
}

Instant DayBook::request_ready_at(Instant now, int64_t utc_us) const {
  if (!requests_max_) return now;
  if (*requests_max_ <= 0) return kNever;
  if (requests_on(utc_us) < *requests_max_) return now;
  return now + std::chrono::microseconds(days_.begin_us(day_at(utc_us) + 1) - utc_us);
}

int64_t DayBook::requests_on(int64_t utc_us) const {
  const uint32_t day = day_at(utc_us);
  return day == day_ ? requests_ : day == day_ + 1 ? requests_of_next_day_ : 0;
}

bool DayBook::is_of_before(int64_t sent_us, int64_t utc_us) const {
  const int64_t jitter_us = std::chrono::ceil<std::chrono::microseconds>(jitter_).count();
  return sent_us + jitter_us < days_.begin_us(days_.day_of(utc_us));
}

void DayBook::begin(uint32_t day) {
  if (day == day_) return;
  requests_ = day == day_ + 1 ? requests_of_next_day_ : 0;
  requests_of_next_day_ = 0;
  day_ = day;
  ends_us_ = days_.begin_us(day + 1);
}

void DayBook::take(int64_t utc_us) {
  begin(day_at(utc_us));
  ++requests_;
  if (std::chrono::microseconds(ends_us_ - utc_us) <= jitter_) ++requests_of_next_day_;
}

double DayBook::requests_share() const {
  if (!requests_max_ || *requests_max_ <= 0) return 0;
  return static_cast<double>(requests_) / static_cast<double>(*requests_max_);
}

}  // namespace harvest::limit
