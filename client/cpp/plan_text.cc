#include "client/cpp/plan_text.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cpp/progress.h"
#include "proto/text/money.h"

namespace harvest::client {
namespace {

std::string dollars(double usd) {
  return absl::StrCat("$",
                      text::format_usd_short(std::llround(usd * static_cast<double>(text::kPicodollarsPerDollar))));
}

struct Unit {
  double seconds;
  const char* name;
};

Unit unit_of(double seconds) {
  if (seconds < 120) return {1, "s"};
  if (seconds < 120 * 60) return {60, "min"};
  return seconds < 48 * 3600 ? Unit{3600, "h"} : Unit{86400, "d"};
}

/// Two figures tell what there is to tell.
std::string figure(double value) {
  return value < 9.95 && value > 0 ? absl::StrFormat("%.1f", value) : absl::StrFormat("%.0f", value);
}

std::string one_or_both(const std::string& low, const std::string& high) {
  return low == high ? high : absl::StrCat(low, " to ", high);
}

/// Where a truth lies of what was foretold; ends belong to it.
std::string place(double truth, const v1::Range& range) {
  return truth < range.low() ? "below" : truth > range.high() ? "above" : "within";
}

}  // namespace

std::string dollars_text(const v1::Range& usd) {
  return one_or_both(dollars(usd.low()), dollars(usd.high()));
}

std::string time_text(const v1::Range& seconds) {
  const Unit unit = unit_of(seconds.high());
  return absl::StrCat(one_or_both(figure(seconds.low() / unit.seconds), figure(seconds.high() / unit.seconds)), " ",
                      unit.name);
}

std::string count_text(const v1::Range& count) {
  return one_or_both(short_count(std::round(count.low())), short_count(std::round(count.high())));
}

std::string plan_and_bill(const v1::JobRecord& job) {
  if (!job.has_plan()) return "";
  const v1::Plan& plan = job.plan();
  const double bill = text::dollars_of(job.counters().spent_picodollars());
  const std::string foretold = absl::StrCat("plan: ", dollars_text(plan.cost_usd()), ", ", time_text(plan.seconds()),
                                            plan.binding().empty() ? "" : absl::StrCat(" (", plan.binding(), " binds)"),
                                            "; bill: ", dollars(bill));
  if (job.state() != v1::FINISHED) return absl::StrCat(foretold, " so far");
  v1::Range took;
  took.set_low(static_cast<double>(job.finished_at_us() - job.created_at_us()) / 1e6);
  took.set_high(took.low());
  const std::string money = place(bill, plan.cost_usd()), time = place(took.low(), plan.seconds());
  return absl::StrCat(foretold, ", ", time_text(took), ": ",
                      money == time ? money : absl::StrCat("dollars ", money, ", time ", time));
}

}  // namespace harvest::client
