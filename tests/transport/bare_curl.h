#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace harvest::testing {

/// The yardstick: libcurl's multi_socket on a bare epoll loop, 128 connections per multi handle, descriptors kept
/// registered, handles reused; no limits, no mailbox, no copies out.
struct BareCurl {
  double cpu_seconds = 0;  ///< of the calling thread
  double wall_seconds = 0;
  size_t requests = 0;  ///< what the seconds were for: all but the first tenth, which warms up
  size_t failed = 0;    ///< without a 200

  /// `requests` POSTs at `concurrency`; the bodies take turns.
  static BareCurl run(const std::string& url, const std::vector<std::string>& bodies, size_t concurrency,
                      size_t requests);
};

}  // namespace harvest::testing
