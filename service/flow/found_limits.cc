#include "service/flow/found_limits.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace harvest::flow {

namespace {
constexpr int64_t kSameMomentUs = 5'000'000;
constexpr limit::Instant kHoldLeast = std::chrono::seconds(3);

/// The number in flight moves with every answer.
bool much_the_same(uint64_t a, uint64_t b) {
  return std::max(a, b) - std::min(a, b) <= std::max(a, b) / 4;
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
  // Shorter holds end before a restart does.
  if (limiter.held_until() > now + kHoldLeast) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(limiter.held_until() - now);
    found.set_parked_until_us(utc_us + std::chrono::microseconds(left).count());
  }
  return found;
}

void restore(limit::Limiter& limiter, const v1::FoundLimits& found, limit::Instant now, int64_t utc_us) {
  limiter.restore_found({.requests = static_cast<int64_t>(found.requests_per_minute()),
                         .input_tokens = static_cast<int64_t>(found.input_tokens_per_minute()),
                         .output_tokens = static_cast<int64_t>(found.output_tokens_per_minute()),
                         .short_windows = found.short_windows(),
                         .largest_input_tokens = static_cast<int64_t>(found.largest_input_tokens()),
                         .largest_output_tokens = static_cast<int64_t>(found.largest_output_tokens()),
                         .in_flight = static_cast<int64_t>(found.in_flight())},
                        now + std::chrono::microseconds(found.parked_until_us() - utc_us), now);
}

v1::FoundLimits both(const v1::FoundLimits& a, const v1::FoundLimits& b) {
  const auto smaller = [](uint64_t x, uint64_t y) { return x == 0 || y == 0 ? std::max(x, y) : std::min(x, y); };
  v1::FoundLimits found;
  found.set_requests_per_minute(smaller(a.requests_per_minute(), b.requests_per_minute()));
  found.set_input_tokens_per_minute(smaller(a.input_tokens_per_minute(), b.input_tokens_per_minute()));
  found.set_output_tokens_per_minute(smaller(a.output_tokens_per_minute(), b.output_tokens_per_minute()));
  found.set_short_windows(a.short_windows() || b.short_windows());
  found.set_largest_input_tokens(std::max(a.largest_input_tokens(), b.largest_input_tokens()));
  found.set_largest_output_tokens(std::max(a.largest_output_tokens(), b.largest_output_tokens()));
  found.set_in_flight(smaller(a.in_flight(), b.in_flight()));
  found.set_parked_until_us(std::max(a.parked_until_us(), b.parked_until_us()));
  return found;
}

bool alike(const v1::FoundLimits& a, const v1::FoundLimits& b) {
  return a.requests_per_minute() == b.requests_per_minute() &&
         a.input_tokens_per_minute() == b.input_tokens_per_minute() &&
         a.output_tokens_per_minute() == b.output_tokens_per_minute() && a.short_windows() == b.short_windows() &&
         a.largest_input_tokens() == b.largest_input_tokens() &&
         a.largest_output_tokens() == b.largest_output_tokens() && much_the_same(a.in_flight(), b.in_flight()) &&
         (a.parked_until_us() == 0) == (b.parked_until_us() == 0) &&
         std::abs(a.parked_until_us() - b.parked_until_us()) < kSameMomentUs;
}

}  // namespace harvest::flow
