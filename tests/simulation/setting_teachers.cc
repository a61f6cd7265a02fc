// Teachers as seeds draw them.
#include "tests/simulation/setting.h"

#include <algorithm>
#include <cmath>

#include "tests/simulation/saturated_client.h"

namespace harvest::simulation {
namespace {

using teachersim::limits::Enforcement;
using namespace std::chrono_literals;

constexpr uint32_t kWindows[] = {60, 60, 10, 1};

/// Of the figures per minute `share` of each.
v1::Limits times(v1::Limits limits, double share) {
  const auto scaled = [share](uint64_t figure) {
    return std::max<uint64_t>(static_cast<uint64_t>(std::llround(static_cast<double>(figure) * share)), 1);
  };
  if (limits.has_requests_per_minute()) limits.set_requests_per_minute(scaled(limits.requests_per_minute()));
  if (limits.has_input_tokens_per_minute())
    limits.set_input_tokens_per_minute(scaled(limits.input_tokens_per_minute()));
  if (limits.has_output_tokens_per_minute())
    limits.set_output_tokens_per_minute(scaled(limits.output_tokens_per_minute()));
  if (limits.has_tokens_per_minute()) limits.set_tokens_per_minute(scaled(limits.tokens_per_minute()));
  return limits;
}

/// So that `calls` take from a fraction of a minute to some minutes.
v1::Limits draw_limits(int64_t calls, Random& random) {
  v1::Limits limits;
  limits.set_window_seconds(random.pick(kWindows));
  const double minutes = 0.3 + 5 * random.unit() * random.unit();
  const double per_minute = static_cast<double>(calls) / minutes;
  const auto figure = [&](double each) { return static_cast<uint64_t>(std::max(per_minute * each, 1.0)); };
  const bool requests = random.chance(0.85);
  if (requests) limits.set_requests_per_minute(std::max<uint64_t>(figure(0.5 + random.unit()), 4));
  if (!requests || random.chance(0.5))
    limits.set_input_tokens_per_minute(std::max<uint64_t>(figure(2000 * random.unit()), 10'000));
  if (random.chance(0.5)) limits.set_output_tokens_per_minute(std::max<uint64_t>(figure(1500 * random.unit()), 10'000));
  if (random.chance(0.3)) limits.set_concurrency(static_cast<uint64_t>(random.between(1, 40)));
  if (random.chance(0.08)) limits.set_requests_per_day(static_cast<uint64_t>(random.between(20, 150)));
  return limits;
}

/// Input and output in one figure.
void join_tokens(v1::Limits& limits) {
  if (!limits.has_input_tokens_per_minute() && !limits.has_output_tokens_per_minute()) return;
  limits.set_tokens_per_minute(limits.input_tokens_per_minute() + limits.output_tokens_per_minute());
  limits.clear_input_tokens_per_minute();
  limits.clear_output_tokens_per_minute();
  limits.set_tokens_are_joint(true);
}

/// What is told of the limits that are enforced: everything, nothing, or some.
v1::Limits draw_told(const v1::Limits& enforced, Random& random) {
  const double each = random.chance(0.55) ? 1 : random.chance(0.4) ? 0 : 0.5;
  v1::Limits told = enforced;
  if (!random.chance(each)) told.clear_requests_per_minute();
  if (!random.chance(each)) told.clear_input_tokens_per_minute();
  const bool output_told = random.chance(each);
  if (!output_told) told.clear_output_tokens_per_minute();
  if (!output_told) told.clear_tokens_per_minute();
  if (!random.chance(each)) told.clear_requests_per_day();
  if (!random.chance(each)) told.clear_concurrency();
  return told;
}

/// The same dimensions of other limits.
v1::Limits told_alike(const v1::Limits& told, const v1::Limits& enforced) {
  v1::Limits then = told;
  if (told.has_requests_per_minute()) then.set_requests_per_minute(enforced.requests_per_minute());
  if (told.has_input_tokens_per_minute()) then.set_input_tokens_per_minute(enforced.input_tokens_per_minute());
  if (told.has_output_tokens_per_minute()) then.set_output_tokens_per_minute(enforced.output_tokens_per_minute());
  if (told.has_tokens_per_minute()) then.set_tokens_per_minute(enforced.tokens_per_minute());
  return then;
}

}  // namespace

TeacherSetting draw_teacher(const Setting& setting, int64_t calls, Random& random, Random& aside) {
  TeacherSetting teacher;
  const Time troubled = setting.calm_at - setting.start;
  v1::Limits enforced = draw_limits(calls, random);
  if (aside.chance(0.15)) join_tokens(enforced);
  const Enforcement enforcement = random.pick(kModels);
  teacher.told = draw_told(enforced, random);
  teacher.told_the_window = enforced.window_seconds() == 60 || random.chance(0.85);
  if (!teacher.told_the_window) teacher.told.clear_window_seconds();
  teacher.told_the_network = random.chance(0.9);
  teacher.told.set_network_jitter_ms(
      teacher.told_the_network ? static_cast<uint32_t>(std::max<int64_t>(setting.network.spread() / 1ms, 1)) : 1);

  Manners& manners = teacher.manners;
  manners.plan = plan_of(enforced, enforcement);
  manners.plan.count_rejected = random.chance(0.2);
  if (random.chance(0.25)) {
    const double shares[] = {0.3, 0.6, 2, 3};
    const v1::Limits then = times(enforced, random.pick(shares));
    manners.changes_at = setting.start + random.upto(troubled);
    manners.plan_then = plan_of(then, enforcement);
    manners.plan_then.count_rejected = manners.plan.count_rejected;
    if (random.chance(0.5)) teacher.told_then = told_alike(teacher.told, then);
  }
  if (random.chance(0.2) && !enforced.has_requests_per_day()) {
    manners.neighbour_from = setting.start + random.upto(troubled);
    manners.neighbour_until = std::min(*manners.neighbour_from + random.upto(2min), setting.calm_at);
    const auto most = static_cast<int64_t>(enforced.has_requests_per_minute() ? enforced.requests_per_minute() : 200);
    manners.neighbour_per_minute = std::clamp<int64_t>(most * random.between(2, 12) / 10, 1, 300);
    manners.neighbour = {.input_tokens = random.between(1, 500), .output_cap = random.between(1, 200)};
  }
  manners.latency_max = std::chrono::milliseconds(random.between(100, 20'000));
  manners.troubles_until = setting.calm_at;
  manners.fault = random.chance(0.4) ? random.unit() * 0.6 : 0;
  manners.refused = random.unit() * 0.1;
  manners.storm_every = random.chance(0.2) ? random.upto(2min) + 1s : Time::zero();
  manners.overload_every = aside.chance(0.15) ? aside.upto(2min) + 1s : Time::zero();
  manners.tells_retry_after = random.chance(0.8);
  manners.names_the_limit = random.chance(0.5);
  manners.sends_headers = random.chance(0.3);
  teacher.input_price = random.between(1, 5);
  teacher.output_price = random.between(1, 20);
  return teacher;
}

}  // namespace harvest::simulation
