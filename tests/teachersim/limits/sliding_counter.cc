#include "tests/teachersim/limits/sliding_counter.h"

#include <algorithm>

namespace teachersim::limits {

double SlidingCounter::remaining(Time now) {
  turn_to(now);
  return limit() - current_ - previous_ * (1 - passed(now));
}

Time SlidingCounter::wait(double amount, Time now) {
  if (amount <= remaining(now) + kRounding) return Time::zero();
  const Time begin = index_ * window();
  // Within this window: previous * (1 - share) must sink to what is left beside `current` and `amount`.
  const double room_now = limit() - current_ - amount;
  if (room_now >= 0 && previous_ > 0)
    return std::max(Time(1), begin + part_of(window(), 1 - room_now / previous_) - now);
  // Else in the next one, where `current` is the one that sinks; at its end nothing is left of it.
  const double room_then = limit() - amount;
  const double share = current_ > 0 ? std::clamp(1 - room_then / current_, 0.0, 1.0) : 0.0;
  return begin + window() + part_of(window(), share) - now;
}

void SlidingCounter::take(double amount, Time now) {
  turn_to(now);
  current_ += amount;
}

void SlidingCounter::give_back(double amount, Time taken_at, Time now) {
  turn_to(now);
  const std::int64_t then = taken_at / window();
  if (then == index_) current_ -= amount;
  if (then == index_ - 1) previous_ -= amount;
}

Time SlidingCounter::full_in(Time now) {
  turn_to(now);
  if (current_ > 0) return (index_ + 2) * window() - now;
  if (previous_ > 0) return (index_ + 1) * window() - now;
  return Time::zero();
}

void SlidingCounter::turn_to(Time now) {
  const std::int64_t index = now / window();
  if (index == index_) return;
  previous_ = index == index_ + 1 ? current_ : 0;
  current_ = 0;
  index_ = index;
}

double SlidingCounter::passed(Time now) const {
  return static_cast<double>((now - index_ * window()).count()) / static_cast<double>(window().count());
}

}  // namespace teachersim::limits
