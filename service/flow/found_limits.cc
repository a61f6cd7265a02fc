#include "service/flow/found_limits.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace harvest::flow {

namespace {
constexpr int64_t kSameMomentUs = 5'000'000;

/// The number in flight moves with every answer.
bool much_the_same(uint64_t a, uint64_t b) {
  return std::max(a, b) - std::min(a, b) <= std::max(a, b) / 4;
}

void put(const limit::FoundRates::Stated& stated, v1::FoundLimits::Rate* rate) {
  rate->set_window_seconds(static_cast<uint32_t>(stated.window_seconds));
  rate->set_told_per_minute(static_cast<uint64_t>(stated.told_per_minute));
  rate->set_of_per_minute(static_cast<uint64_t>(stated.of_per_minute));
}

limit::FoundRates::Stated stated_of(const v1::FoundLimits::Rate& rate) {
  return {.window_seconds = rate.window_seconds(),
          .told_per_minute = static_cast<int64_t>(rate.told_per_minute()),
          .of_per_minute = static_cast<int64_t>(rate.of_per_minute())};
}

uint64_t smaller(uint64_t a, uint64_t b) {
  return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b);
}

void put_both(const v1::FoundLimits::Rate& a, const v1::FoundLimits::Rate& b, v1::FoundLimits::Rate* rate) {
  const bool of_a = b.window_seconds() == 0 || (a.window_seconds() > 0 && a.window_seconds() < b.window_seconds());
  *rate = of_a ? a : b;
  rate->set_told_per_minute(smaller(a.told_per_minute(), b.told_per_minute()));
}

bool alike(const v1::FoundLimits::Rate& a, const v1::FoundLimits::Rate& b) {
  return a.window_seconds() == b.window_seconds() && a.told_per_minute() == b.told_per_minute() &&
         a.of_per_minute() == b.of_per_minute();
}
}  // namespace

v1::FoundLimits found_limits(const limit::Limiter& limiter, limit::Instant now, int64_t utc_us) {
  const limit::FoundRates rates = limiter.found();
  v1::FoundLimits found;
  found.set_requests_per_minute(static_cast<uint64_t>(rates.requests));
  found.set_input_tokens_per_minute(static_cast<uint64_t>(rates.input_tokens));
  found.set_output_tokens_per_minute(static_cast<uint64_t>(rates.output_tokens));
  found.set_short_windows(rates.short_windows);
  found.set_largest_input_tokens(static_cast<uint64_t>(rates.largest_input_tokens));
  found.set_largest_output_tokens(static_cast<uint64_t>(rates.largest_output_tokens));
  found.set_in_flight(static_cast<uint64_t>(rates.in_flight));
  found.set_backoff_permille(static_cast<uint32_t>(rates.backoff_permille));
  put(rates.stated[0], found.mutable_requests());
  put(rates.stated[1], found.mutable_input_tokens());
  put(rates.stated[2], found.mutable_output_tokens());
  if (limiter.held_until() > now + kHoldLeast) {
    // Whole seconds: one that grows a little is covered by what was noted.
    const auto left = std::chrono::ceil<std::chrono::seconds>(limiter.held_until() - now);
    found.set_parked_until_us(utc_us + std::chrono::microseconds(left).count());
  }
  return found;
}

void restore(limit::Limiter& limiter, const v1::FoundLimits& found, limit::Instant now, int64_t utc_us) {
  limiter.restore_found(
      {.requests = static_cast<int64_t>(found.requests_per_minute()),
       .input_tokens = static_cast<int64_t>(found.input_tokens_per_minute()),
       .output_tokens = static_cast<int64_t>(found.output_tokens_per_minute()),
       .short_windows = found.short_windows(),
       .largest_input_tokens = static_cast<int64_t>(found.largest_input_tokens()),
       .largest_output_tokens = static_cast<int64_t>(found.largest_output_tokens()),
       .in_flight = static_cast<int64_t>(found.in_flight()),
       .backoff_permille = found.backoff_permille(),
       .stated = {stated_of(found.requests()), stated_of(found.input_tokens()), stated_of(found.output_tokens())}},
      now + std::chrono::microseconds(found.parked_until_us() - utc_us), now);
}

v1::FoundLimits both(const v1::FoundLimits& a, const v1::FoundLimits& b) {
  v1::FoundLimits found;
  found.set_requests_per_minute(smaller(a.requests_per_minute(), b.requests_per_minute()));
  found.set_input_tokens_per_minute(smaller(a.input_tokens_per_minute(), b.input_tokens_per_minute()));
  found.set_output_tokens_per_minute(smaller(a.output_tokens_per_minute(), b.output_tokens_per_minute()));
  found.set_short_windows(a.short_windows() || b.short_windows());
  found.set_largest_input_tokens(std::max(a.largest_input_tokens(), b.largest_input_tokens()));
  found.set_largest_output_tokens(std::max(a.largest_output_tokens(), b.largest_output_tokens()));
  found.set_in_flight(smaller(a.in_flight(), b.in_flight()));
  found.set_backoff_permille(static_cast<uint32_t>(smaller(a.backoff_permille(), b.backoff_permille())));
  put_both(a.requests(), b.requests(), found.mutable_requests());
  put_both(a.input_tokens(), b.input_tokens(), found.mutable_input_tokens());
  put_both(a.output_tokens(), b.output_tokens(), found.mutable_output_tokens());
  found.set_parked_until_us(std::max(a.parked_until_us(), b.parked_until_us()));
  return found;
}

bool alike(const v1::FoundLimits& a, const v1::FoundLimits& b) {
  return a.requests_per_minute() == b.requests_per_minute() &&
         a.input_tokens_per_minute() == b.input_tokens_per_minute() &&
         a.output_tokens_per_minute() == b.output_tokens_per_minute() && a.short_windows() == b.short_windows() &&
         a.backoff_permille() == b.backoff_permille() && a.largest_input_tokens() == b.largest_input_tokens() &&
         a.largest_output_tokens() == b.largest_output_tokens() && much_the_same(a.in_flight(), b.in_flight()) &&
         much_the_same(a.input_tokens_per_kib(), b.input_tokens_per_kib()) && alike(a.requests(), b.requests()) &&
         alike(a.input_tokens(), b.input_tokens()) && alike(a.output_tokens(), b.output_tokens()) &&
         (a.parked_until_us() == 0) == (b.parked_until_us() == 0) &&
         std::abs(a.parked_until_us() - b.parked_until_us()) < kSameMomentUs;
}

}  // namespace harvest::flow
