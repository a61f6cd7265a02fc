#include "service/limit/limiter.h"

#include <algorithm>
#include <cassert>

namespace harvest::limit {
namespace {

constexpr Instant kJitter = std::chrono::milliseconds(250);
constexpr int64_t kWindowSeconds = 60;

template <typename Field>
std::optional<int64_t> figure(bool present, Field value) {
  constexpr uint64_t kMax = uint64_t{1} << 62;
  if (!present) return std::nullopt;
  return static_cast<int64_t>(std::min<uint64_t>(value, kMax));
}

/// Keeps the latest of what it is told: the dimension that binds.
class Latest {
 public:
  explicit Latest(Instant now) : now_(now), verdict_{.granted = true, .ready_at = now} {}
  void consider(Dimension dimension, Instant ready_at) {
    if (ready_at <= now_ || ready_at <= verdict_.ready_at) return;
    verdict_ = Verdict{.granted = false, .ready_at = ready_at, .binding = dimension};
  }
  Verdict verdict() const { return verdict_; }

 private:
  Instant now_;
  Verdict verdict_;
};

}  // namespace

Limiter::Limiter(const v1::Limits& limits, std::optional<int64_t> day_budget_cap) : day_(day_budget_cap) {
  set_limits(limits);
}

void Limiter::set_limits(const v1::Limits& limits) {
  const int64_t window_seconds = limits.window_seconds() == 0 ? kWindowSeconds : limits.window_seconds();
  const Instant jitter =
      limits.network_jitter_ms() == 0 ? kJitter : Instant(std::chrono::milliseconds(limits.network_jitter_ms()));
  requests_.configure(figure(limits.has_requests_per_minute(), limits.requests_per_minute()), window_seconds, jitter);
  input_tokens_.configure(figure(limits.has_input_tokens_per_minute(), limits.input_tokens_per_minute()),
                          window_seconds, jitter);
  output_tokens_.configure(figure(limits.has_output_tokens_per_minute(), limits.output_tokens_per_minute()),
                           window_seconds, jitter);
  day_.limit_requests(figure(limits.has_requests_per_day(), limits.requests_per_day()), jitter);
  concurrency_max_ = figure(limits.has_concurrency(), limits.concurrency());
  // Where every rate is known, a 429 is answered by the rate; where one is not, by the number in flight as well.
  const bool rates_known = requests_.limited() && input_tokens_.limited() && output_tokens_.limited();
  concurrency_.configure(concurrency_max_, !rates_known);
  backoff_.set_window(std::chrono::seconds(window_seconds));
}

Verdict Limiter::ask(const Demand& demand, const Budget* job, Instant now, int64_t utc_us) const {
  Latest latest(now);
  latest.consider(Dimension::kRequests, requests_.ready_at(1, now));
  latest.consider(Dimension::kInputTokens, input_tokens_.ready_at(demand.input_tokens, now));
  latest.consider(Dimension::kOutputTokens, output_tokens_.ready_at(demand.output_tokens, now));
  latest.consider(Dimension::kBackoff, backoff_.hold_until());
  latest.consider(Dimension::kRequestsPerDay, day_.request_ready_at(now, utc_us));
  latest.consider(Dimension::kTeacherBudget, day_.money_ready_at(demand.cost_picodollars, now, utc_us));
  if (job != nullptr && !job->fits(demand.cost_picodollars)) latest.consider(Dimension::kJobBudget, Instant::max());
  if (!concurrency_.fits()) latest.consider(Dimension::kConcurrency, Instant::max());
  return latest.verdict();
}

Verdict Limiter::ask_money(const Demand& demand, const Budget* job, Instant now, int64_t utc_us) const {
  Latest latest(now);
  latest.consider(Dimension::kTeacherBudget, day_.money_ready_at(demand.cost_picodollars, now, utc_us));
  if (job != nullptr && !job->fits(demand.cost_picodollars)) latest.consider(Dimension::kJobBudget, Instant::max());
  return latest.verdict();
}

Permit Limiter::take_money(const Demand& demand, Budget* job, Instant now, int64_t utc_us) {
  assert(ask_money(demand, job, now, utc_us).granted);  // Invariant: as take()
  if (job != nullptr) job->reserve(demand.cost_picodollars);
  return Permit{
      .reserved = demand, .day = day_.reserve(demand.cost_picodollars, utc_us), .taken_at = now, .money_only = true};
}

Permit Limiter::hold_money(int64_t cost_picodollars, uint32_t day, Budget* job) {
  if (job != nullptr) job->hold(cost_picodollars);
  day_.hold(cost_picodollars, day);
  return Permit{.reserved = {.cost_picodollars = cost_picodollars}, .day = day, .money_only = true};
}

Permit Limiter::take(const Demand& demand, Budget* job, Instant now, int64_t utc_us) {
  // Invariant: all or nothing. Whoever takes has asked, with the same demand at the same time.
  assert(ask(demand, job, now, utc_us).granted);
  backoff_.recover(now);
  slow_down();
  requests_.take(1, now);
  input_tokens_.take(demand.input_tokens, now);
  output_tokens_.take(demand.output_tokens, now);
  concurrency_.enter();
  if (job != nullptr) job->reserve(demand.cost_picodollars);
  const uint32_t day = day_.take(demand.cost_picodollars, utc_us);
  return Permit{.reserved = demand, .day = day, .taken_at = now};
}

void Limiter::settle(const Permit& permit, const Actual& actual, Budget* job, Instant now) {
  const Demand& reserved = permit.reserved;
  if (!permit.money_only && !actual.at_risk) {
    input_tokens_.settle(permit.taken_at, reserved.input_tokens, actual.unprocessed ? 0 : actual.input_tokens, now);
    output_tokens_.settle(permit.taken_at, reserved.output_tokens, actual.unprocessed ? 0 : actual.output_tokens, now);
  }
  const int64_t held = reserved.cost_picodollars;
  const int64_t at_risk = actual.at_risk ? held : 0;
  const int64_t spent = actual.at_risk || actual.unprocessed ? 0 : actual.cost_picodollars;
  day_.settle(permit.day, held, spent, at_risk);
  if (job != nullptr) job->settle(held, spent, at_risk);
  if (!permit.money_only) concurrency_.leave();
}

void Limiter::learn(const Feedback& feedback, Instant now) {
  requests_.learn(feedback.requests, now);
  input_tokens_.learn(feedback.input_tokens, now);
  output_tokens_.learn(feedback.output_tokens, now);
  if (!feedback.throttled) {
    concurrency_.passed();
    backoff_.recover(now);
  } else if (backoff_.throttled(feedback.retry_after, feedback.sent_at, now)) {
    concurrency_.throttled();
  }
  slow_down();
}

void Limiter::slow_down() {
  requests_.slow_to(backoff_.ratio_ppm());
  input_tokens_.slow_to(backoff_.ratio_ppm());
  output_tokens_.slow_to(backoff_.ratio_ppm());
}

void Limiter::restore_day(uint32_t day, int64_t requests, int64_t spent, int64_t at_risk) {
  day_.restore(day, requests, spent, at_risk);
}

void Limiter::restart(Instant now) {
  requests_.empty(now);
  input_tokens_.empty(now);
  output_tokens_.empty(now);
}

Permit Limiter::restore(const Demand& demand, uint32_t day, Instant now) {
  // The request itself was paid off by the time that led to its sending; its tokens may yet be given back.
  input_tokens_.take(demand.input_tokens, now);
  output_tokens_.take(demand.output_tokens, now);
  concurrency_.enter();
  Permit permit{.reserved = demand, .day = day, .taken_at = now};
  permit.reserved.cost_picodollars = 0;
  return permit;
}

bool Limiter::limited(Dimension dimension) const {
  switch (dimension) {
    case Dimension::kRequests:
      return requests_.limited();
    case Dimension::kInputTokens:
      return input_tokens_.limited();
    case Dimension::kOutputTokens:
      return output_tokens_.limited();
    case Dimension::kRequestsPerDay:
      return day_.requests_limited();
    case Dimension::kConcurrency:
      return concurrency_max_.has_value();
    case Dimension::kTeacherBudget:
      return day_.money().cap().has_value();
    case Dimension::kNone:
    case Dimension::kJobBudget:
    case Dimension::kBackoff:
      return false;
  }
  return false;
}

double Limiter::utilization(Dimension dimension, Instant now) const {
  switch (dimension) {
    case Dimension::kRequests:
      return requests_.utilization(now);
    case Dimension::kInputTokens:
      return input_tokens_.utilization(now);
    case Dimension::kOutputTokens:
      return output_tokens_.utilization(now);
    case Dimension::kRequestsPerDay:
      return day_.requests_share();
    case Dimension::kConcurrency:
      return concurrency_max_ && *concurrency_max_ > 0
                 ? static_cast<double>(in_flight()) / static_cast<double>(*concurrency_max_)
                 : 0;
    case Dimension::kTeacherBudget: {
      const Budget& money = day_.money();
      const double used = static_cast<double>(money.spent() + money.at_risk() + money.reserved());
      return money.cap() && *money.cap() > 0 ? used / static_cast<double>(*money.cap()) : 0;
    }
    case Dimension::kNone:
    case Dimension::kJobBudget:
    case Dimension::kBackoff:
      return 0;
  }
  return 0;
}

}  // namespace harvest::limit
