#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "storage/store/changes.h"
#include "storage/store/store.h"

namespace harvest::store {

/// The store thread. Whatever has gathered while the last fsync ran becomes the next group; no timer, no batching
/// delay.
///
/// When a group's write fails: changes that begin something are refused with the disk's error, there and until it is
/// well again; the news of attempts that ran are kept, in order, and tried again every `retry_every`, after
/// Database::heal(). Their number is bounded by what was in flight, since nothing new can begin.
class Committer {
 public:
  Committer(Database& database, State& state, std::chrono::milliseconds retry_every,
            std::function<void(std::chrono::nanoseconds)> written);
  ~Committer();  ///< as close()

  void push(Change&& change, Store::Done done);
  void after_each_group(std::function<void()> listener);
  /// After what is queued. What the disk still does not take is answered with its error, which is returned.
  absl::Status close();

  size_t stalled() const { return stalled_count_.load(std::memory_order_relaxed); }
  absl::Status health() const;

 private:
  struct Pending {
    Change change;
    Store::Done done;
    Applied applied;
    absl::Status status;
    std::string resume;  // requeue: where the next group goes on
  };
  using Batch = std::vector<Pending>;

  void run();
  bool take(Batch& batch);  // false: closing, and nothing is left
  void commit(Batch& batch);
  size_t build(Batch& batch, size_t first);
  absl::Status write();
  void requeue(Pending& pending);
  absl::Status apply_one(Pending& pending);
  void turn_away(Batch& batch, size_t first, size_t end);
  void refuse(Pending& pending);
  void try_again();
  void set_health(absl::Status status);
  void group_answered();

  Database& database_;
  State& state_;
  Group group_;
  const std::chrono::milliseconds retry_every_;
  const std::function<void(std::chrono::nanoseconds)> written_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Batch queue_;
  bool waiting_ = false;
  bool closing_ = false;
  absl::Status health_;  // written by the store thread, under the mutex

  std::mutex listener_mutex_;  // held while it is called, so that it is not called once it has been taken away
  std::function<void()> group_listener_;

  Batch stalled_;  // store thread
  std::atomic<size_t> stalled_count_{0};
  std::chrono::steady_clock::time_point last_try_;
  std::thread thread_;
};

}  // namespace harvest::store
