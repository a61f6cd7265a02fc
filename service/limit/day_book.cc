#include "service/limit/day_book.h"

#include <algorithm>

namespace harvest::limit {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;

}  // namespace

void DayBook::limit_requests(std::optional<int64_t> per_day, Instant jitter) {
  requests_max_ = per_day;
  jitter_us_ = jitter.count() / 1000;
}

void DayBook::restore(uint32_t day, int64_t requests, int64_t spent, int64_t at_risk) {
  day_ = day;
  requests_ = requests;
  money_.restore(spent, at_risk);
}

uint32_t DayBook::day_at(int64_t utc_us) const {
  return std::max(day_, static_cast<uint32_t>(std::max<int64_t>(utc_us, 0) / kDayUs));
}

Instant DayBook::midnight(Instant now, int64_t utc_us) const {
  const int64_t next_us = (static_cast<int64_t>(day_at(utc_us)) + 1) * kDayUs;
  return now + std::chrono::microseconds(next_us - utc_us);
}

Instant DayBook::request_ready_at(Instant now, int64_t utc_us) const {
  if (!requests_max_) return now;
  if (*requests_max_ <= 0) return Instant::max();
  const uint32_t day = day_at(utc_us);
  const int64_t used = day == day_ ? requests_ : day == day_ + 1 ? requests_of_next_day_ : 0;
  return used < *requests_max_ ? now : midnight(now, utc_us);
}

Instant DayBook::money_ready_at(int64_t cost, Instant now, int64_t utc_us) const {
  if (day_at(utc_us) == day_ ? money_.fits(cost) : Budget(money_.cap()).fits(cost)) return now;
  return Budget(money_.cap()).fits(cost) ? midnight(now, utc_us) : Instant::max();
}

void DayBook::begin(uint32_t day) {
  if (day == day_) return;
  requests_ = day == day_ + 1 ? requests_of_next_day_ : 0;
  requests_of_next_day_ = 0;
  money_ = Budget(money_.cap());
  day_ = day;
}

uint32_t DayBook::reserve(int64_t cost, int64_t utc_us) {
  begin(day_at(utc_us));
  money_.reserve(cost);
  return day_;
}

void DayBook::hold(int64_t cost, uint32_t day) {
  if (day == day_) money_.hold(cost);
}

uint32_t DayBook::take(int64_t cost, int64_t utc_us) {
  begin(day_at(utc_us));
  ++requests_;
  if ((static_cast<int64_t>(day_) + 1) * kDayUs - utc_us <= jitter_us_) ++requests_of_next_day_;
  money_.reserve(cost);
  return day_;
}

void DayBook::settle(uint32_t day, int64_t reserved, int64_t spent, int64_t at_risk) {
  if (day == day_) money_.settle(reserved, spent, at_risk);
}

double DayBook::requests_share() const {
  if (!requests_max_ || *requests_max_ <= 0) return 0;
  return static_cast<double>(requests_) / static_cast<double>(*requests_max_);
}

}  // namespace harvest::limit
