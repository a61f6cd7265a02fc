#pragma once

#include <grpcpp/grpcpp.h>

#include <boost/asio/post.hpp>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/api/door.h"
#include "service/api/unary.h"

namespace harvest::api {

/// A call whose client sends many messages: each is taken on the pool, one after the other, and the next is read only
/// then, so that a fast client waits. Ends with the client's last message, or with the first that is refused; what was
/// taken before it stays. Owns itself.
template <typename Message>
class IntakeStream final : public grpc::ServerReadReactor<Message> {
 public:
  using Take = std::function<absl::Status(const access::Principal&, const Message&)>;
  /// For whoever may call it. `take` may keep a pointer to the call's reply, which outlives it.
  static IntakeStream* start(const Door& door, const grpc::CallbackServerContext& context, Take take) {
    auto* stream = new IntakeStream(door.pool(), door.admit(context), std::move(take));
    if (stream->who_.ok())
      stream->StartRead(&stream->message_);
    else
      stream->Finish(to_grpc(stream->who_.status()));
    return stream;
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      this->Finish(grpc::Status::OK);
      return;
    }
    boost::asio::post(pool_, [this] {
      const absl::Status taken = take_(*who_, message_);
      if (!taken.ok()) {
        this->Finish(to_grpc(taken));
        return;
      }
      this->StartRead(&message_);
    });
  }
  void OnDone() override { delete this; }

 private:
  IntakeStream(WorkerPool& pool, absl::StatusOr<access::Principal> who, Take take)
      : pool_(pool), who_(std::move(who)), take_(std::move(take)) {}

  WorkerPool& pool_;
  const absl::StatusOr<access::Principal> who_;
  Take take_;
  Message message_;
};

}  // namespace harvest::api
