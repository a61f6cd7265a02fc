#pragma once

#include <string>

#include "service/plan/forecast.h"

namespace harvest::plan {

/// A cap on money per UTC day or month, of a teacher or a tenant, as it stands now.
struct Cap {
  std::string owner;   ///< for people: "teacher gpt"
  std::string period;  ///< day, month
  double usd = 0;      ///< above zero
  double left_usd = 0;
  double seconds_to_end = 0;  ///< of this day or month
};

/// How long this much money takes under it: what is left goes now, the rest in the periods to come (months of 30 days).
/// Pure.
Interval seconds_under(const Cap& cap, const Interval& usd);

/// For people, where it may bind; else empty.
std::string note_of(const Cap& cap, const Interval& usd);

}  // namespace harvest::plan
