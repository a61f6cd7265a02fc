#pragma once

#include <signal.h>

#include <chrono>
#include <optional>

namespace harvest {

/// SIGTERM and SIGINT, waited for by one thread. Must be made before any other thread starts, so that all inherit the
/// mask.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    signal(SIGPIPE, SIG_IGN);  // a vanished peer is an error of its write, not our end
  }
  int wait() const {
    int number = 0;
    sigwait(&set_, &number);
    return number;
  }
  std::optional<int> wait_for(std::chrono::milliseconds limit) const {
    const timespec time{.tv_sec = limit.count() / 1000, .tv_nsec = (limit.count() % 1000) * 1'000'000};
    const int number = sigtimedwait(&set_, nullptr, &time);
    return number > 0 ? std::optional(number) : std::nullopt;
  }

 private:
  sigset_t set_{};
};

}  // namespace harvest
