#include "service/limit/limiter.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "proto/text/zone.h"
#include "service/limit/figure.h"

namespace harvest::limit {
namespace {

constexpr Instant kJitter = std::chrono::milliseconds(250);
/// The longest day, and then some for clocks that differ.
constexpr Instant kParkMax = std::chrono::hours(25);
/// How long a rate is kept that was reached too fast for the vendor (its own documentation).
constexpr Instant kSlowDown = std::chrono::minutes(15);
/// So many 429s that lower rates did not end are blamed on the number in flight.
constexpr int kUnexplained = 3;

}  // namespace

Limiter::Limiter(const v1::Limits& limits) {
  set_limits(limits);
}

void Limiter::set_limits(const v1::Limits& limits) {
  const int64_t window_seconds = limits.window_seconds() == 0 ? kWindowSeconds : limits.window_seconds();
  const Instant jitter =
      limits.network_jitter_ms() == 0 ? kJitter : Instant(std::chrono::milliseconds(limits.network_jitter_ms()));
  joint_ = tokens_are_joint(limits);
  requests_.configure(figure(limits.has_requests_per_minute(), limits.requests_per_minute()), window_seconds, jitter);
  input_tokens_.configure(joint_ ? figure(limits.has_tokens_per_minute(), limits.tokens_per_minute())
                                 : figure(limits.has_input_tokens_per_minute(), limits.input_tokens_per_minute()),
                          window_seconds, jitter);
  output_tokens_.configure(figure(limits.has_output_tokens_per_minute(), limits.output_tokens_per_minute()),
                           window_seconds, jitter);
  day_.limit_requests(figure(limits.has_requests_per_day(), limits.requests_per_day()),
                      VendorDay(text::zone_of(limits.day_zone())), jitter);
  concurrency_max_ = figure(limits.has_concurrency(), limits.concurrency());
  configure_concurrency();
  backoff_.set_window(std::chrono::seconds(window_seconds));
  overload_.set_window(std::chrono::seconds(window_seconds));
  seek_what_is_not_stated();
}

void Limiter::expect_queue() {
  queues_ = true;
  configure_concurrency();
}

void Limiter::configure_concurrency() {
  // Where every rate is known, a 429 is answered by the rate; where one is not, by the number in flight as well.
  const bool rates_known = requests_.limited() && input_tokens_.limited() && (joint_ || output_tokens_.limited());
  const bool nothing_stated =
      !requests_.stated() && !input_tokens_.stated() && !output_tokens_.stated() && !concurrency_max_;
  concurrency_.configure(concurrency_max_, !rates_known, queues_ && nothing_stated);
}

void Limiter::seek_what_is_not_stated() {
  const std::array<bool, RateFinder::kRates> sought{!requests_.stated(), !input_tokens_.stated(),
                                                    !output_tokens_.stated() && !joint_};
  if (sought != finder_.sought()) finder_.seek(sought);
}

void Limiter::pace_by_found(Instant now) {
  const auto assume = [&](PacedLimit& limit, Dimension dimension) {
    if (const auto found = finder_.per_minute(dimension)) limit.assume(*found, finder_.window_is_sure(), now);
  };
  assume(requests_, Dimension::kRequests);
  assume(input_tokens_, Dimension::kInputTokens);
  assume(output_tokens_, Dimension::kOutputTokens);
}

Demand Limiter::weighed(Demand demand) const {
  if (joint_) demand.input_tokens += std::exchange(demand.output_tokens, 0);
  return demand;
}

Actual Limiter::weighed(Actual actual) const {
  if (joint_) actual.input_tokens += std::exchange(actual.output_tokens, 0);
  return actual;
}

Verdict Limiter::ask(const Demand& asked, Instant now, int64_t utc_us) const {
  const Demand demand = weighed(asked);
  Verdict verdict{.granted = true, .ready_at = now};
  verdict.bind(Dimension::kRequests, requests_.ready_at(1, now));
  verdict.bind(input_dimension(), input_tokens_.ready_at(demand.input_tokens, now));
  verdict.bind(Dimension::kOutputTokens, output_tokens_.ready_at(demand.output_tokens, now));
  verdict.bind(Dimension::kBackoff, std::max(backoff_.hold_until(), overload_.hold_until()));
  verdict.bind(Dimension::kLearning, finder_.ready_at(now));
  verdict.bind(Dimension::kRequestsPerDay, std::max(day_.request_ready_at(now, utc_us), parked_until_));
  if (!concurrency_.fits()) verdict.bind(Dimension::kConcurrency, kNever);
  return verdict;
}

Permit Limiter::take(const Demand& demand, Instant now, int64_t utc_us) {
  // Invariant: all or nothing. Whoever takes has asked, with the same demand at the same time.
  assert(ask(demand, now, utc_us).granted);
  backoff_.recover(now);
  overload_.recover(now);
  slow_down();
  backoff_.sent(now);
  const Demand weight = weighed(demand);
  finder_.sent(weight, now);
  requests_.take(1, now);
  input_tokens_.take(weight.input_tokens, now);
  output_tokens_.take(weight.output_tokens, now);
  concurrency_.enter();
  day_.take(utc_us);
  return Permit{.reserved = demand, .taken_at = now, .in_flight = concurrency_.in_flight()};
}

void Limiter::settle(const Permit& permit, const Actual& taken, Instant now) {
  if (permit.money_only) return;
  const Demand reserved = weighed(permit.reserved);
  const Actual actual = weighed(taken);
  if (!actual.at_risk) {
    input_tokens_.settle(permit.taken_at, reserved.input_tokens, actual.input_weight(), now);
    output_tokens_.settle(permit.taken_at, reserved.output_tokens, actual.output_weight(), now);
  }
  if (finder_.settled(reserved, actual, permit.taken_at, now)) {
    input_tokens_.assume_granted(finder_.per_minute(Dimension::kInputTokens).value_or(0), now);
    output_tokens_.assume_granted(finder_.per_minute(Dimension::kOutputTokens).value_or(0), now);
  }
  concurrency_.leave();
}

void Limiter::learn(const Feedback& feedback, Instant now) {
  requests_.learn(feedback.requests, now);
  input_tokens_.learn(feedback.input_tokens, now);
  output_tokens_.learn(feedback.output_tokens, now);
  seek_what_is_not_stated();
  if (feedback.overloaded || feedback.slow_down) {
    if (overload_.throttled(feedback.retry_after.value_or(Instant::zero()), feedback.sent_at, now) ==
        Backoff::Refusal::kNews)
      concurrency_.throttled();
    if (feedback.slow_down) overload_.settle_until(now + kSlowDown);
  } else if (feedback.throttled) {
    refused(feedback, now);
  } else {
    concurrency_.passed(feedback, now);
    backoff_.passed(feedback.sent_at.value_or(now), now);
    backoff_.recover(now);
    overload_.recover(now);
    if (finder_.passed(feedback.sent_at.value_or(now), now)) {
      unexplained_ = 0;
      pace_by_found(now);
    }
  }
  slow_down();
}

void Limiter::refused(const Feedback& feedback, Instant now) {
  // A limit by name and longer to wait than any hold: a quota of the day, of tokens perhaps.
  const bool of_the_day = feedback.refused_by == Dimension::kRequestsPerDay ||
                          (feedback.refused_by && feedback.retry_after.value_or(Instant::zero()) > Backoff::kHoldMax);
  if (of_the_day && feedback.retry_after) {
    // The whole day, whatever the cap of a hold: each call until then would only be refused, and counted.
    parked_until_ = std::max(parked_until_, now + std::min(*feedback.retry_after, kParkMax));
    return;
  }
  const Backoff::Refusal refusal = backoff_.throttled(feedback.retry_after, feedback.sent_at, now);
  const bool news = refusal == Backoff::Refusal::kNews;
  const bool knew_places = concurrency_.knows_places();
  const bool of_places = concurrency_.refused(feedback, refusal, now);
  const auto refused_by = of_places ? Dimension::kConcurrency : feedback.refused_by;
  if (of_places && !knew_places && !feedback.refused_by) forget_found();
  // What was taken for a place was none: the rate is guessed anew, or nothing would bound.
  const bool doubted = knew_places && !concurrency_.knows_places();
  const bool found =
      finder_.throttled(refused_by, feedback.retry_after, feedback.sent_at.value_or(now), news || doubted, now);
  if (found) pace_by_found(now);
  if (!news) return;
  for (PacedLimit* limit : {&requests_, &input_tokens_, &output_tokens_}) limit->lend_nothing_at(backoff_.hold_until());
  doubt_windows(refused_by, now);
  if (refused_by || (found && ++unexplained_ < kUnexplained)) return;
  concurrency_.throttled();
}

void Limiter::forget_found() {
  finder_.forget();
  unexplained_ = 0;
  for (PacedLimit* limit : {&requests_, &input_tokens_, &output_tokens_}) limit->forget_assumed();
}

void Limiter::doubt_windows(std::optional<Dimension> refused_by, Instant now) {
  if (refused_by.value_or(Dimension::kRequests) == Dimension::kRequests) requests_.doubt_window(now);
  if (refused_by.value_or(Dimension::kInputTokens) == Dimension::kInputTokens) input_tokens_.doubt_window(now);
  if (refused_by.value_or(Dimension::kOutputTokens) == Dimension::kOutputTokens) output_tokens_.doubt_window(now);
}

void Limiter::slow_down() {
  // What was found is lowered by finding it anew; a stated rate by its share.
  const auto slow = [this](PacedLimit& limit) {
    const int64_t share = limit.stated() ? backoff_.ratio_ppm() : 1'000'000;
    limit.slow_to(share * overload_.ratio_ppm() / 1'000'000);
  };
  slow(requests_);
  slow(input_tokens_);
  slow(output_tokens_);
}

/// Of what is stated; what was found has no share.
int64_t Limiter::stated_ppm() const {
  const bool stated = requests_.stated() || input_tokens_.stated() || output_tokens_.stated();
  return stated ? backoff_.ratio_ppm() : 1'000'000;
}

double Limiter::effective_ratio() const {
  return static_cast<double>(stated_ppm()) / 1e6 * static_cast<double>(overload_.ratio_ppm()) / 1e6;
}

FoundRates Limiter::found() const {
  FoundRates found = finder_.found();
  found.largest_input_tokens = input_tokens_.largest();
  found.largest_output_tokens = output_tokens_.largest();
  found.in_flight = concurrency_.found();
  if (stated_ppm() < 1'000'000) found.backoff_permille = stated_ppm() / 1000;
  found.stated = {requests_.found(), input_tokens_.found(), output_tokens_.found()};
  return found;
}

void Limiter::restore_found(const FoundRates& found, Instant held_until, Instant now) {
  const std::array<PacedLimit*, 3> rates{&requests_, &input_tokens_, &output_tokens_};
  for (size_t i = 0; i < rates.size(); ++i) rates[i]->restore(found.stated[i], now);
  seek_what_is_not_stated();
  finder_.restore(found);
  pace_by_found(now);
  input_tokens_.restore_largest(found.largest_input_tokens, now);
  output_tokens_.restore_largest(found.largest_output_tokens, now);
  concurrency_.restore(found.in_flight);
  if (found.backoff_permille > 0) {
    backoff_.restore(found.backoff_permille * 1000, now);
    slow_down();
  }
  if (held_until - now <= Backoff::kHoldMax)
    backoff_.hold(held_until);
  else
    parked_until_ = held_until;
}

void Limiter::restore_day(int64_t utc_us, int64_t requests) {
  day_.restore(utc_us, requests);
}

void Limiter::restart(Instant now) {
  requests_.empty(now);
  input_tokens_.empty(now);
  output_tokens_.empty(now);
}

Permit Limiter::restore(const Demand& demand, uint32_t day, Instant now) {
  // The request itself was paid off by the time that led to its sending; its tokens may yet be given back.
  const Demand weight = weighed(demand);
  input_tokens_.take(weight.input_tokens, now);
  output_tokens_.take(weight.output_tokens, now);
  concurrency_.enter();
  return Permit{.reserved = demand, .day = day, .taken_at = now};
}

bool Limiter::limited(Dimension dimension) const {
  switch (dimension) {
    case Dimension::kRequests:
      return requests_.limited();
    case Dimension::kInputTokens:
    case Dimension::kTokens:
      return dimension == input_dimension() && input_tokens_.limited();
    case Dimension::kOutputTokens:
      return output_tokens_.limited();
    case Dimension::kRequestsPerDay:
      return day_.requests_limited();
    case Dimension::kConcurrency:
      return concurrency_max_.has_value() || concurrency_.queues();
    default:
      return false;
  }
}

double Limiter::utilization(Dimension dimension, Instant now) const {
  switch (dimension) {
    case Dimension::kRequests:
      return requests_.utilization(now);
    case Dimension::kInputTokens:
    case Dimension::kTokens:
      return dimension == input_dimension() ? input_tokens_.utilization(now) : 0;
    case Dimension::kOutputTokens:
      return output_tokens_.utilization(now);
    case Dimension::kRequestsPerDay:
      return day_.requests_share();
    case Dimension::kConcurrency:
      return limited(dimension)
                 ? static_cast<double>(in_flight()) / static_cast<double>(std::max<int64_t>(1, concurrency_.bound()))
                 : 0;
    default:
      return 0;
  }
}

}  // namespace harvest::limit
