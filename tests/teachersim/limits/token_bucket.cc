#include "tests/teachersim/limits/token_bucket.h"

#include <algorithm>

namespace teachersim::limits {

double TokenBucket::remaining(Time now) {
  refill(now);
  return level_;
}

Time TokenBucket::wait(double amount, Time now) {
  const double missing = amount - remaining(now);
  return missing <= kRounding ? Time::zero() : part_of(window(), missing / limit());
}

void TokenBucket::take(double amount, Time now) {
  refill(now);
  level_ -= amount;
}

void TokenBucket::give_back(double amount, Time /*taken_at*/, Time now) {
  refill(now);
  level_ = std::min(limit(), level_ + amount);
}

Time TokenBucket::full_in(Time now) {
  refill(now);
  return part_of(window(), (limit() - level_) / limit());
}

void TokenBucket::refill(Time now) {
  const double share = static_cast<double>((now - filled_at_).count()) / static_cast<double>(window().count());
  level_ = std::min(limit(), level_ + share * limit());
  filled_at_ = now;
}

}  // namespace teachersim::limits
