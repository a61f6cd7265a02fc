#include "service/flow/plan_allowance.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "proto/text/zone.h"
#include "service/flow/why_facts.h"
#include "service/limit/vendor_day.h"

namespace harvest::flow {

namespace {

std::optional<uint64_t> ceiling(bool stated, uint64_t figure) {
  return stated ? std::optional<uint64_t>(figure) : std::nullopt;
}

std::optional<uint64_t> least(std::optional<uint64_t> a, std::optional<uint64_t> b) {
  return a && b ? std::min(*a, *b) : a ? a : b;
}

double seconds_to_midnight(const v1::Limits& limits, int64_t utc_us) {
  const limit::VendorDay days(text::zone_of(limits.day_zone()));
  return static_cast<double>(days.begin_us(days.day_of(utc_us) + 1) - utc_us) / 1e6;
}

}  // namespace

plan::Allowance allowance_of(const v1::TeacherStatus& teacher, const v1::Job& job, int64_t utc_us) {
  v1::Limits own;
  for (const v1::TeacherShare& share : job.shares())
    if (share.teacher() == teacher.teacher().name()) own = share.ceiling();
  const v1::Limits& limits = teacher.teacher().limits();
  const auto granted = [&](std::string_view dimension) {
    const auto known = limit_of(teacher, dimension);
    return known ? std::optional<uint64_t>(known->figure) : std::nullopt;
  };
  const auto a_minute = [&](std::string_view dimension,
                            std::optional<uint64_t> most) -> std::optional<plan::MinuteLimit> {
    const auto figure = least(granted(dimension), most);
    if (!figure || *figure == 0) return std::nullopt;
    return plan::MinuteLimit{.per_minute = static_cast<double>(*figure),
                             .window_seconds = static_cast<double>(limits.window_seconds()),
                             .jitter_seconds = static_cast<double>(limits.network_jitter_ms()) / 1e3};
  };
  plan::Allowance allowance;
  allowance.requests = a_minute("requests", ceiling(own.has_requests_per_minute(), own.requests_per_minute()));
  allowance.input_tokens =
      a_minute("input_tokens", ceiling(own.has_input_tokens_per_minute(), own.input_tokens_per_minute()));
  allowance.tokens = a_minute("tokens", ceiling(own.has_tokens_per_minute(), own.tokens_per_minute()));
  allowance.output_tokens =
      a_minute("output_tokens", ceiling(own.has_output_tokens_per_minute(), own.output_tokens_per_minute()));
  const auto places = least(least(granted("concurrency"), ceiling(own.has_concurrency(), own.concurrency())),
                            ceiling(job.concurrency() > 0, job.concurrency()));
  allowance.concurrency = static_cast<double>(places.value_or(0));
  if (const auto a_day = granted("requests_per_day"))
    allowance.day =
        plan::Allowance::Day{.left = static_cast<double>(*a_day - std::min(*a_day, teacher.requests_today())),
                             .per_day = static_cast<double>(*a_day),
                             .seconds_to_midnight = seconds_to_midnight(limits, utc_us)};
  return allowance;
}

}  // namespace harvest::flow
