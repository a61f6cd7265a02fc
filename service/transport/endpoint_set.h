#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace harvest::transport {

/// The interchangeable endpoints of one teacher: which one takes the next request. Least in flight among the healthy ones.
///
/// Each has its own breaker: it opens on >= 50 % failures of >= 20 in 30 s, or 5 failures in a row; a single probe is let
/// through after 5 s, doubling to 5 min. Throttling (429) is no failure. Pure; owned by the decision lane.
class EndpointSet {
 public:
  explicit EndpointSet(size_t count);

  /// The endpoint for a request now, counted as in flight; nullopt when every breaker is open.
  std::optional<size_t> pick(std::chrono::nanoseconds now);
  /// When pick() can next succeed, given that all are open now.
  std::chrono::nanoseconds next_probe_at() const;
  void done(size_t endpoint, bool failed, std::chrono::nanoseconds now);

  size_t size() const { return endpoints_.size(); }
  bool healthy(size_t endpoint) const;
  uint64_t in_flight(size_t endpoint) const;
  uint64_t failures_in_a_row(size_t endpoint) const;

 private:
  struct Endpoint;
  std::vector<Endpoint> endpoints_;
};

}  // namespace harvest::transport
