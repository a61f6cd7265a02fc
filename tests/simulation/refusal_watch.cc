#include "tests/simulation/refusal_watch.h"

#include <algorithm>

namespace harvest::simulation {
namespace {

using teachersim::limits::Dimension;
using namespace std::chrono_literals;

constexpr Time kHoldMax = 10min;
constexpr Time kHoldForgotten = 3s;
constexpr int64_t kFirst = 24;
constexpr Time kApart = 5s;

bool lowered(const Manners& manners) {
  const auto less = [](int64_t then, int64_t before) { return before > 0 && then < before; };
  return less(manners.plan_then.requests_per_minute, manners.plan.requests_per_minute) ||
         less(manners.plan_then.tokens_per_minute, manners.plan.tokens_per_minute) ||
         less(manners.plan_then.input_tokens_per_minute, manners.plan.input_tokens_per_minute) ||
         less(manners.plan_then.output_tokens_per_minute, manners.plan.output_tokens_per_minute);
}

std::string milliseconds(Time time) {
  return std::to_string(time / 1ms) + " ms";
}

}  // namespace

RefusalWatch::RefusalWatch(const TeacherSetting& teacher, const Setting& setting)
    : teacher_(teacher),
      spread_(setting.network.spread()),
      window_(std::max<Time>(teacher.manners.plan.window, 15s)),
      start_(setting.start) {}

bool RefusalWatch::stated(Dimension by) const {
  if (!teacher_.told_the_network || !teacher_.told_the_window) return false;
  const v1::Limits& told = teacher_.told;
  switch (by) {
    case Dimension::kRequests:
      return told.has_requests_per_minute();
    case Dimension::kInputTokens:
      return told.has_input_tokens_per_minute();
    case Dimension::kOutputTokens:
      return told.has_output_tokens_per_minute();
    case Dimension::kRequestsPerDay:
      return told.has_requests_per_day();
    case Dimension::kConcurrency:
      return told.has_concurrency();
    case Dimension::kTokens:
      return told.has_tokens_per_minute();
  }
  return false;
}

bool RefusalWatch::disturbed(Time sent_at, Time arrived) const {
  const Manners& manners = teacher_.manners;
  // Below one call a window, the window is as long as it takes.
  const Time remembered = 2 * window_ + spread_;
  const auto between = [&](Time from, Time until) { return arrived >= from && sent_at <= until + remembered; };
  if (manners.neighbour_from && between(*manners.neighbour_from, manners.neighbour_until)) return true;
  if (!manners.changes_at) return false;
  if (teacher_.told_then) return between(*manners.changes_at, *manners.changes_at);
  return lowered(manners) && arrived >= *manners.changes_at;
}

std::string RefusalWatch::sent(Time now) const {
  if (now >= hold_until_) return "";
  return "a call was sent " + milliseconds(hold_until_ - now) + " before the time that a 429 had named";
}

std::string RefusalWatch::refused(Dimension by, Time sent_at, Time now) {
  ++refusals_;
  if (stated(by) && !disturbed(sent_at, now))
    return "a limit that was stated was exceeded: " + std::string(name_of(by)) + ", by a call sent " +
           milliseconds(now - sent_at) + " before";
  return "";
}

std::string RefusalWatch::heard(const dialect::Outcome& throttled, Time sent_at, Time now) {
  const bool is_new = !heard_at_ || sent_at > *heard_at_;
  const Time named = throttled.retry_after.value_or(is_new ? Time(1s) : Time::zero());
  hold_until_ = std::max(hold_until_, now + std::min(named, kHoldMax));
  if (!is_new) return "";
  heard_at_ = now;
  ++new_refusals_;
  const int64_t allowed = kFirst + (now - start_) / kApart;
  if (new_refusals_ <= allowed || teacher_.manners.storm_every > Time::zero()) return "";
  return "the " + std::to_string(new_refusals_) +
         "th 429 came for a call that was sent after the last was heard, more than " + std::to_string(allowed) +
         " in " + milliseconds(now - start_);
}

void RefusalWatch::restarted(Time now) {
  if (hold_until_ - now <= kHoldForgotten) hold_until_ = now;
}

}  // namespace harvest::simulation
