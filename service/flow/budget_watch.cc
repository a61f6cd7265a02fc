#include "service/flow/budget_watch.h"

#include <algorithm>
#include <utility>

namespace harvest::flow {

BudgetWatch::BudgetWatch(std::vector<uint32_t> thresholds_percent) : thresholds_(std::move(thresholds_percent)) {
  std::sort(thresholds_.begin(), thresholds_.end());
}

std::optional<uint32_t> BudgetWatch::passed(const std::string& name, const limit::Budget& budget) {
  uint32_t reached = 0;
  if (budget.cap()) {
    const auto booked = static_cast<__int128>(budget.spent() + budget.at_risk());
    for (const uint32_t threshold : thresholds_)
      if (booked > 0 && booked * 100 >= static_cast<__int128>(*budget.cap()) * threshold) reached = threshold;
  }
  uint32_t& before = reached_[name];
  return std::exchange(before, reached) < reached ? std::optional(reached) : std::nullopt;
}

}  // namespace harvest::flow
