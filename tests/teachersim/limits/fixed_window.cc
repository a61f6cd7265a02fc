#include "tests/teachersim/limits/fixed_window.h"

namespace teachersim::limits {

double FixedWindow::remaining(Time now) {
  turn_to(now);
  return limit() - taken_;
}

Time FixedWindow::wait(double amount, Time now) {
  if (amount <= remaining(now) + kRounding) return Time::zero();
  return (index_ + 1) * window() - now;
}

void FixedWindow::take(double amount, Time now) {
  turn_to(now);
  taken_ += amount;
}

void FixedWindow::give_back(double amount, Time taken_at, Time now) {
  turn_to(now);
  if (taken_at / window() == index_) taken_ -= amount;
}

Time FixedWindow::full_in(Time now) {
  turn_to(now);
  return taken_ > 0 ? (index_ + 1) * window() - now : Time::zero();
}

void FixedWindow::turn_to(Time now) {
  const std::int64_t index = now / window();
  if (index == index_) return;
  index_ = index;
  taken_ = 0;
}

}  // namespace teachersim::limits
