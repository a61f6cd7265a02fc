#include "service/transport/endpoint_set.h"

#include <algorithm>
#include <cassert>

namespace harvest::transport {

using std::chrono::nanoseconds;
using std::chrono::seconds;

namespace {

constexpr uint64_t kFailuresInARow = 5;
constexpr uint64_t kSamplesMin = 20;
constexpr nanoseconds kBucketWidth = seconds{3};
constexpr nanoseconds kProbeAfterMin = seconds{5}, kProbeAfterMax = seconds{300};

int64_t bucket_number(nanoseconds now) {
  return now / kBucketWidth;
}

}  // namespace

EndpointSet::EndpointSet(size_t count) : endpoints_(count) {
  assert(count > 0);
}

std::optional<size_t> EndpointSet::pick(nanoseconds now) {
  std::optional<size_t> best;
  for (size_t step = 0; step < endpoints_.size(); ++step) {
    const size_t i = (next_ + step) % endpoints_.size();
    Endpoint& endpoint = endpoints_[i];
    if (endpoint.breaker == Breaker::kOpen && now >= endpoint.probe_at) {
      // The probe goes before everything: one request is risked to win a whole endpoint back.
      endpoint.breaker = Breaker::kProbing;
      best = i;
      break;
    }
    if (endpoint.breaker != Breaker::kClosed) continue;
    if (!best || endpoint.in_flight < endpoints_[*best].in_flight) best = i;
  }
  if (best) {
    ++endpoints_[*best].in_flight;
    next_ = (*best + 1) % endpoints_.size();
  }
  return best;
}

nanoseconds EndpointSet::next_probe_at() const {
  nanoseconds soonest = nanoseconds::max();
  for (const Endpoint& endpoint : endpoints_)
    if (endpoint.breaker == Breaker::kOpen) soonest = std::min(soonest, endpoint.probe_at);
  return soonest;
}

void EndpointSet::done(size_t index, bool failed, nanoseconds now) {
  Endpoint& endpoint = endpoints_.at(index);
  assert(endpoint.in_flight > 0);
  --endpoint.in_flight;
  count(endpoint, failed, now);
  if (!failed) {
    // A success proves the endpoint whoever made it, the probe or one that was still under way.
    if (endpoint.breaker != Breaker::kClosed) close(endpoint);
    return;
  }
  if (endpoint.breaker == Breaker::kProbing) return open(endpoint, now);
  const bool enough = endpoint.failures_in_a_row >= kFailuresInARow || mostly_failing(endpoint, now);
  if (endpoint.breaker == Breaker::kClosed && enough) open(endpoint, now);
}

void EndpointSet::forget(size_t index) {
  Endpoint& endpoint = endpoints_.at(index);
  assert(endpoint.in_flight > 0);
  --endpoint.in_flight;
  // An open breaker whose time has come lets the next probe through at once.
  if (endpoint.breaker == Breaker::kProbing) endpoint.breaker = Breaker::kOpen;
}

bool EndpointSet::healthy(size_t endpoint) const {
  return endpoints_.at(endpoint).breaker == Breaker::kClosed;
}
uint64_t EndpointSet::in_flight(size_t endpoint) const {
  return endpoints_.at(endpoint).in_flight;
}
uint64_t EndpointSet::failures_in_a_row(size_t endpoint) const {
  return endpoints_.at(endpoint).failures_in_a_row;
}

void EndpointSet::open(Endpoint& endpoint, nanoseconds now) {
  const bool again = endpoint.breaker == Breaker::kProbing;
  endpoint.probe_after = again ? std::min(endpoint.probe_after * 2, kProbeAfterMax) : kProbeAfterMin;
  endpoint.probe_at = now + endpoint.probe_after;
  endpoint.breaker = Breaker::kOpen;
}

void EndpointSet::close(Endpoint& endpoint) {
  endpoint.breaker = Breaker::kClosed;
  endpoint.window = {};  // what failed before the cure must not open it again
}

void EndpointSet::count(Endpoint& endpoint, bool failed, nanoseconds now) {
  endpoint.failures_in_a_row = failed ? endpoint.failures_in_a_row + 1 : 0;
  const int64_t number = bucket_number(now);
  Bucket& bucket = endpoint.window[static_cast<size_t>(number) % endpoint.window.size()];
  if (bucket.number != number) bucket = {.number = number};
  ++bucket.total;
  bucket.failed += failed ? 1 : 0;
}

bool EndpointSet::mostly_failing(const Endpoint& endpoint, nanoseconds now) const {
  const int64_t oldest = bucket_number(now) - static_cast<int64_t>(endpoint.window.size()) + 1;
  uint64_t total = 0, failed = 0;
  for (const Bucket& bucket : endpoint.window) {
    if (bucket.number < oldest) continue;
    total += bucket.total;
    failed += bucket.failed;
  }
  return total >= kSamplesMin && failed * 2 >= total;
}

}  // namespace harvest::transport
