#pragma once

#include <cstddef>
#include <string>

namespace harvest::testing {

/// The yardstick: libcurl's multi_socket on a bare epoll loop, 128 connections per multi handle, descriptors kept
/// registered, handles reused; no limits, no mailbox, no copies out. CPU seconds of the calling thread for `requests`
/// at `concurrency`.
double bare_curl_cpu_seconds(const std::string& url, const std::string& body, size_t concurrency, size_t requests);

}  // namespace harvest::testing
