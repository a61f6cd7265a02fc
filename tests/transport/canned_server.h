#pragma once

#include <sys/types.h>

#include <chrono>

namespace harvest::testing {

/// A child process that answers every POST with the same 1.5 KB completion after `delay`, on one epoll loop: fast
/// enough not to be what is measured. Made before any thread.
class CannedServer {
 public:
  explicit CannedServer(std::chrono::milliseconds delay);
  ~CannedServer();
  int port() const { return port_; }

 private:
  pid_t child_ = -1;
  int port_ = 0;
};

}  // namespace harvest::testing
