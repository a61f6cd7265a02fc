#pragma once

#include <deque>

#include "tests/teachersim/limits/meter.h"

namespace teachersim::limits {

/// Every amount is remembered with its time, and weighs for exactly one window: the strictest of the models.
/// Memory: one entry per distinct instant of the last window.
class SlidingLog : public Meter {
 public:
  using Meter::Meter;
  double remaining(Time now) override;
  Time wait(double amount, Time now) override;
  void take(double amount, Time now) override;
  void give_back(double amount, Time taken_at, Time now) override;
  Time full_in(Time now) override;

 private:
  struct Entry {
    Time at;
    double amount;
  };
  void forget_before(Time now);

  std::deque<Entry> log_;  // oldest first
  double sum_ = 0;         // invariant: the sum of the log's amounts
};

}  // namespace teachersim::limits
