#pragma once

#include "tests/teachersim/limits/meter.h"

namespace teachersim::limits {

/// Holds at most `limit`, full at the start, refilled at limit / window. A short window is a small bucket with the same
/// rate: "60 a minute may be enforced as one a second".
class TokenBucket : public Meter {
 public:
  TokenBucket(double limit, Time window) : Meter(limit, window), level_(limit) {}
  double remaining(Time now) override;
  Time wait(double amount, Time now) override;
  void take(double amount, Time now) override;
  void give_back(double amount, Time taken_at, Time now) override;
  Time full_in(Time now) override;

 private:
  void refill(Time now);

  double level_;
  Time filled_at_{0};
};

}  // namespace teachersim::limits
