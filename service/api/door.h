#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/server_interceptor.h>

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "service/access/gate.h"
#include "service/flow/intake.h"
#include "service/runtime/clock.h"
#include "storage/corpus/log_entry.h"

namespace harvest::api {

/// Handlers wait for the store, so they run here and never on gRPC's own threads.
using WorkerPool = boost::asio::thread_pool;

/// What every call comes through before its handler: unary.h and feed.h ask it who calls and whether they may, and then
/// run the handler on its pool. Any thread.
///
/// A handler does not say which method it is: CallNames, without which nothing is let in, notes it on each call.
class Door {
 public:
  /// Puts a command into the transparency log, durably.
  using NoteCommand = std::function<absl::Status(corpus::Command command)>;

  Door(WorkerPool& pool, access::Gate gate, const runtime::Clock& clock, NoteCommand note)
      : pool_(pool), gate_(std::move(gate)), clock_(clock), note_(std::move(note)) {}

  /// UNAUTHENTICATED, PERMISSION_DENIED: gate.h.
  absl::StatusOr<access::Principal> admit(const grpc::CallbackServerContext& context) const;

  /// What somebody asks for goes into the log before it is carried out: so no crash hides a command. One that cannot be
  /// noted is not carried out. `target`: what it is about, by its name. On the pool: it waits for the disk.
  absl::Status note(const grpc::CallbackServerContext& context, const access::Principal& who, const std::string& target,
                    const std::string& why, const google::protobuf::Message& request) const;

  WorkerPool& pool() const { return pool_; }
  const access::Gate& gate() const { return gate_; }

 private:
  WorkerPool& pool_;
  const access::Gate gate_;
  const runtime::Clock& clock_;
  const NoteCommand note_;
};

/// Notes on each call's metadata which method it is, under a name that no client can send.
class CallNames final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override;
};

inline flow::Caller caller_of(const access::Principal& who) {
  return {.tenant = who.tenant, .principal = who.name};
}

}  // namespace harvest::api
