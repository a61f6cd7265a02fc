#pragma once

#include "tests/teachersim/limits/meter.h"

namespace teachersim::limits {

/// Two counters stand for a log: weight(now) = current + previous * (1 - share of the running window that has passed).
/// Anything can still be taken while weight + amount <= limit.
class SlidingCounter : public Meter {
 public:
  using Meter::Meter;
  double remaining(Time now) override;
  Time wait(double amount, Time now) override;
  void take(double amount, Time now) override;
  void give_back(double amount, Time taken_at, Time now) override;
  Time full_in(Time now) override;

 private:
  void turn_to(Time now);
  double passed(Time now) const;

  std::int64_t index_ = 0;  // the running window
  double previous_ = 0;
  double current_ = 0;
};

}  // namespace teachersim::limits
