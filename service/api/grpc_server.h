#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "service/access/tls_material.h"

namespace harvest::api {

/// The gRPC face's life: services of harvest.v1, the standard health service, and reflection where no tokens are
/// demanded. Health is open to whoever the handshake let in.
///
/// Services are given, not owned: they must outlive the server.
class GrpcServer {
 public:
  struct Address {
    std::string listen;                        ///< host:port; empty: reached only through channel()
    std::optional<access::TlsMaterial> tls{};  ///< none: in the clear
    bool reflection = true;
  };
  /// ALREADY_EXISTS names the address where it is in use. INTERNAL: a method without a row in the table of roles.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> start(const Address& address,
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
