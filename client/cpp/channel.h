#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cpp/access.h"

namespace harvest::client {

/// To a daemon at host:port (or unix:/path), in the clear, without proxies, giving up within seconds where nobody
/// answers.
std::shared_ptr<grpc::Channel> dial(const std::string& server);

/// The same with what lets us in. Over TLS where files are named for it, or a token would go to another machine.
/// INVALID_ARGUMENT names a file that cannot be read, or a certificate without its key.
absl::StatusOr<std::shared_ptr<grpc::Channel>> dial(const std::string& server, const Access& access);

/// A gRPC status as an absl one (the codes are the same). UNAVAILABLE names the server that was tried.
absl::Status to_absl(const grpc::Status& status, const std::string& server);

}  // namespace harvest::client
