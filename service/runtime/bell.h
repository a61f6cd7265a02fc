#pragma once

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace harvest::runtime {

/// Tells those who wait that something has changed, and holds no thread for them. Any thread.
///
///   const uint64_t heard = bell.rings();   // before looking: a ring between looking and waiting is not missed
///   if (!there()) bell.wait(executor, heard, until, [] { /* look again */ });
class Bell {
 public:
  uint64_t rings() const {
    std::lock_guard lock(mutex_);
    return rings_;
  }

  /// Runs `then` on `executor`, once: at the first ring after `heard`, or at `until`. False: the bell is closed, and
  /// `then` will not run.
  template <typename Executor, typename Then>
  bool wait(const Executor& executor, uint64_t heard, std::chrono::steady_clock::time_point until, Then then) {
    std::lock_guard lock(mutex_);
    if (closed_) return false;
    auto timer = std::make_shared<boost::asio::steady_timer>(executor);
    timer->expires_at(rings_ == heard ? until : std::chrono::steady_clock::now());
    timer->async_wait([this, timer, then = std::move(then)](const boost::system::error_code&) mutable {
      {
        std::lock_guard done(mutex_);
        std::erase(waits_, timer);
      }
      then();
    });
    waits_.push_back(std::move(timer));
    return true;
  }

  void ring() {
    std::lock_guard lock(mutex_);
    ++rings_;
    wake();
  }

  /// The last ring.
  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    wake();
  }

 private:
  // A timer is touched under the lock alone, since it may be cancelled by any thread.
  void wake() {
    for (const auto& timer : waits_) timer->cancel();
    waits_.clear();
  }

  mutable std::mutex mutex_;
  uint64_t rings_ = 0;
  bool closed_ = false;
  std::vector<std::shared_ptr<boost::asio::steady_timer>> waits_;
};

}  // namespace harvest::runtime
