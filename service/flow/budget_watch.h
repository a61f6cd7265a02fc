#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "service/limit/budget.h"

namespace harvest::flow {

/// Which part of each cap is used, told when it passes one of some thresholds: warnings before a hard cap holds.
///
/// What counts is booked, spent or at risk: what attempts in flight have reserved may come back. Pure; decision lane.
class BudgetWatch {
 public:
  /// In percent of a cap, in any order.
  explicit BudgetWatch(std::vector<uint32_t> thresholds_percent);

  /// The highest threshold that this budget has passed since it was looked at last; none: no news. What falls below a
  /// threshold (a new day, a larger cap) may pass it again. `name` is the caller's for it.
  std::optional<uint32_t> passed(const std::string& name, const limit::Budget& budget);
  void forget(const std::string& name) { reached_.erase(name); }

 private:
  std::vector<uint32_t> thresholds_;
  std::map<std::string, uint32_t> reached_;
};

}  // namespace harvest::flow
