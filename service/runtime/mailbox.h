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

  /// The same for many at once: one lock, one wake-up.
  void push_all(std::vector<T> values) {
    if (values.empty()) return;
    std::unique_lock lock(box_->mutex);
    const bool first = box_->values.empty();
    if (first) {
      box_->values.swap(values);
    } else {
      for (T& value : values) box_->values.push_back(std::move(value));
      return;
    }
    lock.unlock();
    boost::asio::post(lane_, [box = box_] { box->deliver(); });
  }

  void push(T value) {
    std::unique_lock lock(box_->mutex);
    box_->values.push_back(std::move(value));
    if (box_->values.size() > 1) return;  // the wake-up for this batch is already on its way
    lock.unlock();
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
      }
      if (receive) receive(std::move(batch));
    }

    Receive receive;  // lane's thread only
    std::mutex mutex;
    std::vector<T> values;
  };

  boost::asio::io_context& lane_;
  std::shared_ptr<Box> box_;
};

}  // namespace harvest::runtime
