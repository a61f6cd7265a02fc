#pragma once

#include <grpcpp/grpcpp.h>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "service/api/unary.h"

namespace harvest::api {

/// What a feed does next.
template <typename T>
struct FeedStep {
  std::optional<T> value;              ///< send this
  std::chrono::milliseconds pause{0};  ///< then look again after this long
  bool last = false;                   ///< and end the stream
  absl::Status status;                 ///< not OK: end the stream with it
};

/// A server stream that is asked for its next message when the last has been written: bounded memory, however slow the
/// reader. Steps run on the pool, one at a time; a client that goes away ends it.
template <typename T>
class Feed final : public grpc::ServerWriteReactor<T> {
 public:
  using Next = std::function<FeedStep<T>()>;

  /// For whoever may call it; `next` may take the principal.
  template <typename Step>
  static Feed* start(const Door& door, const grpc::CallbackServerContext* context, Step step) {
    auto who = door.admit(*context);
    Next next;
    if (!who.ok())
      next = [refused = who.status()] { return FeedStep<T>{.value = {}, .status = refused}; };
    else if constexpr (std::is_invocable_v<Step&, const access::Principal&>)
      next = [who = *std::move(who), step = std::move(step)]() mutable { return step(who); };
    else
      next = std::move(step);
    auto* feed = new Feed(door.pool(), std::move(next));  // deletes itself in OnDone, as reactors do
    feed->look_after(std::chrono::milliseconds(0));
    return feed;
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return end(grpc::Status::CANCELLED);
    boost::asio::post(strand_, [this] { last_ ? end(grpc::Status::OK) : look_after(pause_); });
  }
  void OnCancel() override {
    boost::asio::post(strand_, [this] { cancelled_ = true, timer_.cancel(); });
  }
  void OnDone() override {
    // Behind whatever the strand still holds for this feed.
    boost::asio::post(strand_, [this] { delete this; });
  }

 private:
  Feed(WorkerPool& pool, Next next) : strand_(pool.get_executor()), timer_(strand_), next_(std::move(next)) {}

  void look_after(std::chrono::milliseconds pause) {
    timer_.expires_after(pause);
    timer_.async_wait([this](const boost::system::error_code&) { step(); });
  }

  void step() {
    if (ended_) return;
    if (cancelled_) return end(grpc::Status::CANCELLED);
    FeedStep<T> step = next_();
    if (!step.status.ok()) return end(to_grpc(step.status));
    pause_ = step.pause;
    last_ = step.last;
    if (step.value) {
      value_ = *std::move(step.value);
      return this->StartWrite(&value_);
    }
    last_ ? end(grpc::Status::OK) : look_after(pause_);
  }

  void end(grpc::Status status) {
    if (ended_) return;
    ended_ = true;
    this->Finish(std::move(status));
  }

  boost::asio::strand<WorkerPool::executor_type> strand_;
  boost::asio::steady_timer timer_;
  Next next_;
  T value_;
  std::chrono::milliseconds pause_{0};
  bool last_ = false;
  bool cancelled_ = false;
  bool ended_ = false;
};

}  // namespace harvest::api
