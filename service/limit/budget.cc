#include "service/limit/budget.h"

#include <cassert>

namespace harvest::limit {

void Budget::restore(int64_t spent, int64_t at_risk) {
  assert(spent >= 0 && at_risk >= 0);
  spent_ = spent;
  at_risk_ = at_risk;
}

bool Budget::fits(int64_t cost) const {
  assert(cost >= 0);
  // What costs nothing fits even where a cap was lowered below what is already spent.
  if (cost == 0) return true;
  const __int128 booked = static_cast<__int128>(spent_) + at_risk_ + reserved_;
  return booked + cost <= cap_.value_or(kCountedMax);
}

void Budget::reserve(int64_t cost) {
  assert(fits(cost));
  reserved_ += cost;
}

void Budget::hold(int64_t cost) {
  assert(cost >= 0);
  reserved_ += cost;
}

double Budget::used_share() const {
  const double used = static_cast<double>(spent_ + at_risk_ + reserved_);
  return cap_ && *cap_ > 0 ? used / static_cast<double>(*cap_) : 0;
}

void Budget::settle(int64_t reserved, int64_t spent, int64_t at_risk) {
  assert(reserved >= 0 && spent >= 0 && at_risk >= 0);
  // Invariant: nothing is given back that was not reserved.
  assert(reserved <= reserved_);
  reserved_ -= reserved;
  spent_ += spent;
  at_risk_ += at_risk;
}

}  // namespace harvest::limit
