#pragma once

#include <grpcpp/grpcpp.h>

#include <boost/asio/post.hpp>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/api/door.h"

namespace harvest::api {

/// absl's codes are gRPC's codes; messages are written for the caller and hold no secrets.
inline grpc::Status to_grpc(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

/// Whoever may call it: runs `handle` (→ StatusOr of the reply; it may take the principal) on the pool and finishes the
/// call with what it gives.
template <typename Reply, typename Handle>
grpc::ServerUnaryReactor* answer(const Door& door, grpc::CallbackServerContext* context, Reply* reply, Handle handle) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto who = door.admit(*context);
  if (!who.ok()) {
    reactor->Finish(to_grpc(who.status()));
    return reactor;
  }
  boost::asio::post(door.pool(), [reactor, reply, who = *std::move(who), handle = std::move(handle)]() mutable {
    absl::StatusOr<Reply> result = [&]() -> absl::StatusOr<Reply> {
      if constexpr (std::is_invocable_v<Handle&, const access::Principal&>)
        return handle(who);
      else
        return handle();
    }();
    if (result.ok()) *reply = *std::move(result);
    reactor->Finish(to_grpc(result.status()));
  });
  return reactor;
}

/// `handle`, after what is asked for went into the log (Door::note).
template <typename Request, typename Handle>
auto noted(const Door& door, const grpc::CallbackServerContext& context, const access::Principal& who,
           const std::string& target, const std::string& why, const Request& request, Handle handle)
    -> decltype(handle()) {
  if (absl::Status status = door.note(context, who, target, why, request); !status.ok()) return status;
  return handle();
}

}  // namespace harvest::api
