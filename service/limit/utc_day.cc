#include "service/limit/utc_day.h"

#include <algorithm>
#include <chrono>

namespace harvest::limit {
namespace {

std::chrono::year_month month_at(uint32_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  return date.year() / date.month();
}

uint32_t first_day_of(std::chrono::year_month month) {
  return static_cast<uint32_t>(std::chrono::sys_days(month / 1).time_since_epoch().count());
}

}  // namespace

uint32_t day_of(int64_t utc_us) {
  return static_cast<uint32_t>(std::max<int64_t>(utc_us, 0) / kDayUs);
}

Instant begin_of(uint32_t day, Instant now, int64_t utc_us) {
  return now + std::chrono::microseconds(static_cast<int64_t>(day) * kDayUs - utc_us);
}

uint32_t month_of(uint32_t day) {
  return first_day_of(month_at(day));
}

uint32_t month_after(uint32_t day) {
  return first_day_of(month_at(day) + std::chrono::months(1));
}

}  // namespace harvest::limit
