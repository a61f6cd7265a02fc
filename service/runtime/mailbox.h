#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace harvest::runtime {

/// Moved values into a lane, in batches: many senders, one receiver, one wake-up for whatever has gathered since the
/// last. Under load the cost of a hop is shared by the batch; alone a value waits for nothing.
///
/// push() from any thread, in order per sender; `receive` runs on the lane with the whole batch. The mailbox is
/// destroyed on its own lane, or when the lane no longer runs, and after its last sender; what has not been received by
/// then is dropped.
template <typename T>
class Mailbox {
 public:
  using Receive = std::function<void(std::vector<T>)>;
  Mailbox(boost::asio::io_context& lane, Receive receive)
      : lane_(lane), box_(std::make_shared<Box>(std::move(receive))) {}
  ~Mailbox() { box_->receive = nullptr; }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  void push(T value) {
    hold(std::move(value));
    flush();
  }

  /// The same for many at once: one lock, one wake-up.
  void push_all(std::vector<T> values) {
    {
      std::lock_guard lock(box_->mutex);
      if (box_->values.empty())
        box_->values.swap(values);
      else
        for (T& value : values) box_->values.push_back(std::move(value));
    }
    flush();
  }

  /// Puts a value in without waking the lane, for senders that know when their batch is whole: flush() then.
  void hold(T value) {
    std::lock_guard lock(box_->mutex);
    box_->values.push_back(std::move(value));
  }

  void flush() {
    {
      std::lock_guard lock(box_->mutex);
      if (box_->values.empty() || std::exchange(box_->woken, true)) return;
    }
    boost::asio::post(lane_, [box = box_] { box->deliver(); });
  }

 private:
  /// Shared with the wake-ups under way, which may come after the mailbox is gone.
  struct Box {
    explicit Box(Receive handler) : receive(std::move(handler)) {}
    void deliver() {
      std::vector<T> batch;
      {
        std::lock_guard lock(mutex);
        batch.swap(values);
        woken = false;
      }
      if (receive) receive(std::move(batch));
    }

    Receive receive;  // lane's thread only
    std::mutex mutex;
    std::vector<T> values;
    bool woken = false;  // a wake-up is on its way
  };

  boost::asio::io_context& lane_;
  std::shared_ptr<Box> box_;
};

}  // namespace harvest::runtime
