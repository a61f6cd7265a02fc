#pragma once

#include "tests/teachersim/limits/meter.h"

namespace teachersim::limits {

/// A counter that is set to zero whenever a multiple of the window is passed.
class FixedWindow : public Meter {
 public:
  using Meter::Meter;
  double remaining(Time now) override;
  Time wait(double amount, Time now) override;
  void take(double amount, Time now) override;
  void give_back(double amount, Time taken_at, Time now) override;
  Time full_in(Time now) override;

 private:
  void turn_to(Time now);

  std::int64_t index_ = 0;  // which window `taken_` belongs to
  double taken_ = 0;
};

}  // namespace teachersim::limits
