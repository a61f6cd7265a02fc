#pragma once

#include <grpcpp/grpcpp.h>

#include <boost/asio/post.hpp>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "service/api/unary.h"
#include "service/api/worker_pool.h"

namespace harvest::api {

/// A call whose client sends many messages: each is taken on the pool, one after the other, and the next is read only
/// then, so that a fast client waits. Ends with the client's last message, or with the first that is refused; what was
/// taken before it stays. Owns itself.
template <typename Message>
class IntakeStream final : public grpc::ServerReadReactor<Message> {
 public:
  using Take = std::function<absl::Status(const Message&)>;
  /// `take` may keep a pointer to the call's reply, which outlives it.
  static IntakeStream* start(WorkerPool& pool, Take take) {
    auto* stream = new IntakeStream(pool, std::move(take));
    stream->StartRead(&stream->message_);
    return stream;
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      this->Finish(grpc::Status::OK);
      return;
    }
    boost::asio::post(pool_, [this] {
      const absl::Status taken = take_(message_);
      if (!taken.ok()) {
        this->Finish(to_grpc(taken));
        return;
      }
      this->StartRead(&message_);
    });
  }
  void OnDone() override { delete this; }

 private:
  IntakeStream(WorkerPool& pool, Take take) : pool_(pool), take_(std::move(take)) {}

  WorkerPool& pool_;
  Take take_;
  Message message_;
};

}  // namespace harvest::api
