#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace harvest::api {

/// The gRPC face's life: services of harvest.v1, the standard health service, reflection (loopback only, as is every
/// address that may be listened on).
///
/// Services are given, not owned: they must outlive the server.
class GrpcServer {
 public:
  /// `listen`: host:port, or empty for a server that is reached only through channel(). ALREADY_EXISTS names the
  /// address where it is in use.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> start(const std::string& listen,
                                                           const std::vector<grpc::Service*>& services);
  ~GrpcServer();

  /// Not serving any more: for load balancers and `grpc.health.v1`, before stop().
  void set_serving(bool serving);
  /// Calls under way get a moment, then are cancelled.
  void stop();
  int port() const { return port_; }
  /// A channel to this server inside the process.
  std::shared_ptr<grpc::Channel> channel();

 private:
  GrpcServer() = default;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace harvest::api
