#include "service/limit/wallet.h"

#include <algorithm>

namespace harvest::limit {

Verdict Wallet::ask(int64_t cost, Instant now, int64_t utc_us) const {
  Verdict verdict{.granted = true, .ready_at = now};
  if (job != nullptr && !job->fits(cost)) verdict.bind(Dimension::kJobBudget, kNever);
  if (teacher != nullptr) verdict.bind(Dimension::kTeacherBudget, teacher->ready_at(cost, now, utc_us));
  if (tenant != nullptr) verdict.bind(Dimension::kTenantBudget, tenant->ready_at(cost, now, utc_us));
  return verdict;
}

uint32_t Wallet::reserve(int64_t cost, int64_t utc_us) const {
  // A clock that was set back leaves purses on different days: the later one is everybody's.
  uint32_t day = 0;
  for (const Purse* purse : {teacher, tenant})
    if (purse != nullptr) day = std::max(day, purse->day_at(utc_us));
  for (Purse* purse : {teacher, tenant})
    if (purse != nullptr) purse->reserve(cost, day);
  if (job != nullptr) job->reserve(cost);
  return day;
}

void Wallet::hold(int64_t cost, uint32_t day) const {
  if (job != nullptr) job->hold(cost);
  if (teacher != nullptr) teacher->hold(cost, day);
  if (tenant != nullptr) tenant->hold(cost, day);
}

void Wallet::settle(const Permit& permit, const Actual& actual) const {
  const int64_t held = permit.reserved.cost_picodollars;
  const int64_t at_risk = actual.at_risk ? held : 0;
  const int64_t spent = actual.at_risk || actual.unprocessed ? 0 : actual.cost_picodollars;
  if (job != nullptr) job->settle(held, spent, at_risk);
  if (teacher != nullptr) teacher->settle(permit.day, held, spent, at_risk);
  if (tenant != nullptr) tenant->settle(permit.day, held, spent, at_risk);
}

}  // namespace harvest::limit
