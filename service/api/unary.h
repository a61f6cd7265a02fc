#pragma once

#include <grpcpp/grpcpp.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/api/worker_pool.h"

namespace harvest::api {

/// absl's codes are gRPC's codes; messages are written for the caller and hold no secrets.
inline grpc::Status to_grpc(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

/// Runs `handle` (→ StatusOr of the reply) on the pool and finishes the call with what it gives.
template <typename Reply, typename Handle>
grpc::ServerUnaryReactor* answer(WorkerPool& pool, grpc::CallbackServerContext* context, Reply* reply, Handle handle) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  boost::asio::post(pool, [reactor, reply, handle = std::move(handle)]() mutable {
    absl::StatusOr<Reply> result = handle();
    if (result.ok()) *reply = *std::move(result);
    reactor->Finish(to_grpc(result.status()));
  });
  return reactor;
}

}  // namespace harvest::api
