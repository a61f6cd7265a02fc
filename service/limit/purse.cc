#include "service/limit/purse.h"

#include <algorithm>
#include <cassert>

#include "service/limit/utc_day.h"

namespace harvest::limit {
namespace {

/// What a new day or month would hold: the cap alone.
bool fits_anew(const Budget& budget, int64_t cost) {
  return Budget(budget.cap()).fits(cost);
}

}  // namespace

void Purse::restore(uint32_t day, Booked today, Booked month_before) {
  begin(day);
  day_.restore(today.spent, today.at_risk);
  month_.restore(today.spent + month_before.spent, today.at_risk + month_before.at_risk);
}

uint32_t Purse::day_at(int64_t utc_us) const {
  return std::max(day_number_, day_of(utc_us));
}

Instant Purse::ready_at(int64_t cost, Instant now, int64_t utc_us) const {
  const uint32_t day = day_at(utc_us);
  if (!fits_anew(day_, cost) || !fits_anew(month_, cost)) return kNever;
  if (in_month(day) && !month_.fits(cost)) return begin_of(month_end_, now, utc_us);
  if (day == day_number_ && !day_.fits(cost)) return begin_of(day + 1, now, utc_us);
  return now;
}

void Purse::begin(uint32_t day) {
  if (day == day_number_) return;
  if (!in_month(day)) {
    month_ = Budget(month_.cap());
    month_begin_ = month_of(day);
    month_end_ = month_after(day);
  }
  day_ = Budget(day_.cap());
  day_number_ = day;
}

void Purse::reserve(int64_t cost, uint32_t day) {
  // Invariant: days are never gone back to.
  assert(day >= day_number_);
  begin(day);
  day_.reserve(cost);
  month_.reserve(cost);
}

void Purse::hold(int64_t cost, uint32_t day) {
  if (day > day_number_) begin(day);
  if (day == day_number_) day_.hold(cost);
  if (in_month(day)) month_.hold(cost);
}

void Purse::settle(uint32_t day, int64_t reserved, int64_t spent, int64_t at_risk) {
  if (day == day_number_) day_.settle(reserved, spent, at_risk);
  if (in_month(day)) month_.settle(reserved, spent, at_risk);
}

}  // namespace harvest::limit
