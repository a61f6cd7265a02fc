#pragma once

#include <cstdint>

#include "service/limit/budget.h"
#include "service/limit/permit.h"
#include "service/limit/purse.h"

namespace harvest::limit {

/// Every cap on money that an attempt stands under, nested: its job's, its teacher's and its tenant's. All or none.
///
///   verdict = wallet.ask(cost, now, utc_us);            // changes nothing
///   if (verdict.granted) day = wallet.reserve(cost, utc_us);
///   ... one attempt ... wallet.settle(permit, actual);
///
/// A view, made where it is needed; decision lane. The store keeps the durable figures.
struct Wallet {
  Budget* job = nullptr;  ///< none: the call belongs to no job, or its job is gone
  Purse* teacher = nullptr;
  Purse* tenant = nullptr;

  Verdict ask(int64_t cost_picodollars, Instant now, int64_t utc_us) const;
  /// Requires that ask() granted it. Returns the UTC day it is booked on.
  uint32_t reserve(int64_t cost_picodollars, int64_t utc_us) const;
  /// What an earlier run reserved on that day: it stays reserved, whatever the caps are by now.
  void hold(int64_t cost_picodollars, uint32_t day) const;
  void settle(const Permit& permit, const Actual& actual) const;
};

}  // namespace harvest::limit
