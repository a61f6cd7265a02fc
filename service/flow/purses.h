#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "proto/text/time.h"
#include "service/limit/purse.h"
#include "service/limit/utc_day.h"

namespace harvest::flow {

/// A purse's caps as configurations write them: decimal dollars per UTC day and per UTC month; empty: no cap.
absl::StatusOr<limit::Purse::Caps> purse_caps(const std::string& usd_per_day, const std::string& usd_per_month);

/// Gives it its figures of today and of the days of this month before it. `booked`: what the store has of a UTC day.
template <typename BookedOn>
void restore(limit::Purse& purse, int64_t utc_us, const BookedOn& booked) {
  const auto today = static_cast<uint32_t>(text::day_of(utc_us));
  limit::Purse::Booked before;
  for (uint32_t day = limit::month_of(today); day < today; ++day) {
    before.spent += booked(day).spent_picodollars;
    before.at_risk += booked(day).at_risk_picodollars;
  }
  const auto now = booked(today);
  purse.restore(today, {.spent = now.spent_picodollars, .at_risk = now.at_risk_picodollars}, before);
}

}  // namespace harvest::flow
