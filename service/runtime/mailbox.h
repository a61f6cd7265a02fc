#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace harvest::runtime {

/// Moved values into a lane, in batches: many senders, one receiver, one wake-up for whatever has gathered since the last.
/// Under load the cost of a hop is shared by the batch; alone a value waits for nothing.
///
/// push() from any thread; `receive` runs on the lane with the whole batch. The mailbox must outlive the lane's run.
template <typename T>
class Mailbox {
 public:
  using Receive = std::function<void(std::vector<T>)>;
  Mailbox(boost::asio::io_context& lane, Receive receive) : lane_(lane), receive_(std::move(receive)) {}

  void push(T value) {
    std::unique_lock lock(mutex_);
    values_.push_back(std::move(value));
    if (values_.size() > 1) return;  // the wake-up for this batch is already on its way
    lock.unlock();
    boost::asio::post(lane_, [this] { deliver(); });
  }

 private:
  void deliver() {
    std::vector<T> batch;
    {
      std::lock_guard lock(mutex_);
      batch.swap(values_);
    }
    receive_(std::move(batch));
  }

  boost::asio::io_context& lane_;
  Receive receive_;
  std::mutex mutex_;
  std::vector<T> values_;
};

}  // namespace harvest::runtime
