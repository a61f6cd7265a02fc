#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/status.h"

namespace harvest::client {

/// To a daemon at host:port (or unix:/path), without proxies, giving up within seconds where nobody answers.
std::shared_ptr<grpc::Channel> dial(const std::string& server);

/// A gRPC status as an absl one (the codes are the same). UNAVAILABLE names the server that was tried.
absl::Status to_absl(const grpc::Status& status, const std::string& server);

}  // namespace harvest::client
