#include "service/plan/cap.h"

#include <cmath>

#include "absl/strings/str_format.h"

namespace harvest::plan {
namespace {

constexpr double kCapDaySeconds = 86'400;
constexpr double kMonthDays = 30;

}  // namespace

Interval seconds_under(const Cap& cap, const Interval& usd) {
  const double period = cap.period == "month" ? kMonthDays * kCapDaySeconds : kCapDaySeconds;
  const auto seconds = [&](double amount) {
    const double later = amount - cap.left_usd;
    if (later <= 0 || cap.usd <= 0) return 0.0;
    return cap.seconds_to_end + (std::ceil(later / cap.usd) - 1) * period;
  };
  return {seconds(usd.low), seconds(usd.expected), seconds(usd.high)};
}

std::string note_of(const Cap& cap, const Interval& usd) {
  if (usd.high <= cap.left_usd) return "";
  return absl::StrFormat(
      "%s: its cap of $%.2f a %s leaves $%.2f, which %s not be enough: the rest waits for the next %s", cap.owner,
      cap.usd, cap.period, cap.left_usd, usd.expected > cap.left_usd ? "will" : "may", cap.period);
}

}  // namespace harvest::plan
