#include "tests/teachersim/limits/limits.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace teachersim::limits {
namespace {

constexpr Time kMinute = std::chrono::minutes(1);
constexpr std::array kMetered = {Dimension::kRequests, Dimension::kInputTokens, Dimension::kOutputTokens,
                                 Dimension::kTokens, Dimension::kRequestsPerDay};

std::unique_ptr<Meter> per_minute(Enforcement enforcement, std::int64_t per_minute, Time window) {
  if (per_minute == 0) return nullptr;
  // Below one per window nothing would ever be admitted: the window grows until it holds one.
  const Time whole = std::max(window, part_of(kMinute, 1.0 / static_cast<double>(per_minute)));
  const double limit =
      static_cast<double>(per_minute) * static_cast<double>(whole.count()) / static_cast<double>(kMinute.count());
  return make_meter(enforcement, limit, whole);
}

bool is_output(Dimension dimension) {
  return dimension == Dimension::kOutputTokens || dimension == Dimension::kTokens;
}

}  // namespace

Limits::Limits(const Plan& plan) : plan_(plan) {
  auto place = [this](Dimension dimension, std::unique_ptr<Meter> meter) {
    meters_[static_cast<std::size_t>(dimension)] = std::move(meter);
  };
  place(Dimension::kRequests, per_minute(plan.enforcement, plan.requests_per_minute, plan.window));
  place(Dimension::kInputTokens, per_minute(plan.enforcement, plan.input_tokens_per_minute, plan.token_window));
  place(Dimension::kOutputTokens, per_minute(plan.enforcement, plan.output_tokens_per_minute, plan.token_window));
  place(Dimension::kTokens, per_minute(plan.enforcement, plan.tokens_per_minute, plan.token_window));
  if (plan.requests_per_day > 0) {
    const auto limit = static_cast<double>(plan.requests_per_day);
    place(Dimension::kRequestsPerDay, make_meter(Enforcement::kFixedWindow, limit, plan.day));
  }
}

Decision Limits::admit(const Ask& ask, Time now) {
  if (plan_.concurrency > 0 && in_flight_ >= plan_.concurrency) {
    return refuse(Dimension::kConcurrency, Time::zero(), false, now);
  }
  Time longest{0};
  Dimension holder = Dimension::kRequests;
  for (const Dimension dimension : kMetered) {
    if (meter(dimension) == nullptr) continue;
    // Output that is counted afterwards needs no room of its own, but a limit that is not used up.
    const double needed = std::max(1.0, taken_at_admission(dimension, ask));
    if (needed > meter(dimension)->limit()) {
      return refuse(dimension, Time::zero(), true, now);
    }
    const Time wait = meter(dimension)->wait(needed, now);
    if (wait <= longest) continue;
    longest = wait;
    holder = dimension;
  }
  if (longest > Time::zero()) return refuse(holder, longest, false, now);

  for (const Dimension dimension : kMetered) {
    const double amount = taken_at_admission(dimension, ask);
    if (meter(dimension) != nullptr) meter(dimension)->take(amount, now);
    utilisation_.add(dimension, static_cast<std::int64_t>(amount), now);
  }
  ++in_flight_;
  utilisation_.note_in_flight(in_flight_, now);
  return Decision{.granted = true};
}

void Limits::settle(const Ask& ask, Time admitted_at, std::int64_t output_tokens, Time now) {
  assert(in_flight_ > 0);
  assert(output_tokens >= 0 && output_tokens <= ask.output_cap);
  --in_flight_;
  for (const Dimension dimension : kMetered) {
    if (!is_output(dimension)) continue;
    if (plan_.output_accounting == OutputAccounting::kReserve) {
      const std::int64_t unused = ask.output_cap - output_tokens;
      if (meter(dimension) != nullptr) meter(dimension)->give_back(static_cast<double>(unused), admitted_at, now);
      utilisation_.add(dimension, -unused, admitted_at);
    } else {
      if (meter(dimension) != nullptr) meter(dimension)->take(static_cast<double>(output_tokens), now);
      utilisation_.add(dimension, output_tokens, now);
    }
  }
}

Standing Limits::standing(Dimension dimension, Time now) {
  const std::int64_t granted = granted_by(plan_, dimension);
  if (granted == 0) return {};
  if (dimension == Dimension::kConcurrency)
    return {granted, std::max<std::int64_t>(0, granted - in_flight_), Time::zero()};
  // Clients are told figures per minute even where shorter windows are enforced.
  Meter& gauge = *meter(dimension);
  const double scale = static_cast<double>(granted) / gauge.limit();
  const double remaining = std::floor(std::max(0.0, gauge.remaining(now)) * scale + 1e-6);
  return {granted, std::min(granted, static_cast<std::int64_t>(remaining)), gauge.full_in(now)};
}

double Limits::taken_at_admission(Dimension dimension, const Ask& ask) const {
  const bool reserved = plan_.output_accounting == OutputAccounting::kReserve;
  const std::int64_t output = reserved ? ask.output_cap : 0;
  switch (dimension) {
    case Dimension::kInputTokens:
      return static_cast<double>(ask.input_tokens);
    case Dimension::kOutputTokens:
      return static_cast<double>(output);
    case Dimension::kTokens:
      return static_cast<double>(ask.input_tokens + output);
    case Dimension::kRequests:
    case Dimension::kRequestsPerDay:
    case Dimension::kConcurrency:
      break;
  }
  return 1;
}

Decision Limits::refuse(Dimension dimension, Time retry_after, bool never, Time now) {
  if (plan_.count_rejected) {
    for (const Dimension counted : {Dimension::kRequests, Dimension::kRequestsPerDay}) {
      if (meter(counted) != nullptr) meter(counted)->take(1, now);
    }
  }
  return Decision{.granted = false, .refused_by = dimension, .retry_after = retry_after, .never = never};
}

std::int64_t granted_by(const Plan& plan, Dimension dimension) {
  switch (dimension) {
    case Dimension::kRequests:
      return plan.requests_per_minute;
    case Dimension::kInputTokens:
      return plan.input_tokens_per_minute;
    case Dimension::kOutputTokens:
      return plan.output_tokens_per_minute;
    case Dimension::kTokens:
      return plan.tokens_per_minute;
    case Dimension::kRequestsPerDay:
      return plan.requests_per_day;
    case Dimension::kConcurrency:
      return plan.concurrency;
  }
  return 0;
}

}  // namespace teachersim::limits
