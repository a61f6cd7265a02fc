#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace harvest::transport {

/// The interchangeable endpoints of one teacher: which one takes the next request. Least in flight among the healthy
/// ones.
///
/// Each has its own breaker: it opens on >= 50 % failures of >= 20 in 30 s, or 5 failures in a row; a single probe is
/// let through after 5 s, doubling to 5 min with each probe that fails. Throttling (429) is no failure. Pure; owned by
/// the decision lane. A request that was given up by us says nothing: report it with forget().
///
///     if (auto endpoint = set.pick(now)) { send…; set.done(*endpoint, failed, now); } else sleep until
///     set.next_probe_at();
class EndpointSet {
 public:
  explicit EndpointSet(size_t count);

  /// The endpoint for a request now, counted as in flight; nullopt when every breaker is open.
  std::optional<size_t> pick(std::chrono::nanoseconds now);
  /// When pick() can next succeed, given that all are open now.
  std::chrono::nanoseconds next_probe_at() const;
  void done(size_t endpoint, bool failed, std::chrono::nanoseconds now);
  /// Ends a request that came to neither success nor failure (cancelled, unsendable).
  void forget(size_t endpoint);

  size_t size() const { return endpoints_.size(); }
  bool healthy(size_t endpoint) const;
  uint64_t in_flight(size_t endpoint) const;
  uint64_t failures_in_a_row(size_t endpoint) const;

 private:
  /// Closed: all may pass. Open: none until probe_at. Probing: one has passed and decides.
  enum class Breaker : uint8_t { kClosed, kOpen, kProbing };

  /// Three seconds' worth of results; ten of them are the window.
  struct Bucket {
    int64_t number = -1;  ///< time / 3 s; tells a bucket of this round from an old one
    uint32_t total = 0, failed = 0;
  };

  struct Endpoint {
    Breaker breaker = Breaker::kClosed;
    uint64_t in_flight = 0, failures_in_a_row = 0;
    std::chrono::nanoseconds probe_at{}, probe_after{};
    std::array<Bucket, 10> window;
  };

  void open(Endpoint& endpoint, std::chrono::nanoseconds now);
  void close(Endpoint& endpoint);
  void count(Endpoint& endpoint, bool failed, std::chrono::nanoseconds now);
  bool mostly_failing(const Endpoint& endpoint, std::chrono::nanoseconds now) const;

  std::vector<Endpoint> endpoints_;
  size_t next_ = 0;  ///< where the search for the least begins, so that equals take turns
};

}  // namespace harvest::transport
