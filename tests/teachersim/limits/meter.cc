#include "tests/teachersim/limits/meter.h"

#include <cassert>
#include <cmath>

#include "tests/teachersim/limits/fixed_window.h"
#include "tests/teachersim/limits/sliding_counter.h"
#include "tests/teachersim/limits/sliding_log.h"
#include "tests/teachersim/limits/token_bucket.h"

namespace teachersim::limits {

std::string_view name_of(Enforcement enforcement) {
  switch (enforcement) {
    case Enforcement::kFixedWindow:
      return "fixed-window";
    case Enforcement::kSlidingLog:
      return "sliding-log";
    case Enforcement::kSlidingCounter:
      return "sliding-counter";
    case Enforcement::kTokenBucket:
      return "token-bucket";
  }
  return "unknown";
}

std::unique_ptr<Meter> make_meter(Enforcement enforcement, double limit, Time window) {
  assert(limit > 0 && window > Time::zero());
  switch (enforcement) {
    case Enforcement::kFixedWindow:
      return std::make_unique<FixedWindow>(limit, window);
    case Enforcement::kSlidingLog:
      return std::make_unique<SlidingLog>(limit, window);
    case Enforcement::kSlidingCounter:
      return std::make_unique<SlidingCounter>(limit, window);
    case Enforcement::kTokenBucket:
      return std::make_unique<TokenBucket>(limit, window);
  }
  assert(false);
  return nullptr;
}

Time part_of(Time length, double share) {
  return Time(static_cast<Time::rep>(std::ceil(static_cast<double>(length.count()) * share)));
}

}  // namespace teachersim::limits
