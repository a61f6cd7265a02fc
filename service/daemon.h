#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "harvest/v1/config.pb.h"
#include "harvest/v1/control.pb.h"

namespace harvest {

/// The composition root: constructs everything in arrow order, starts it, drains it. `harvestd run` is the same daemon
/// without ports, reached through channel().
class Daemon {
 public:
  enum class Ports { kOpen, kNone };

  /// `config` as config::load() gave it. Errors name what stands in the way: the data directory, who holds the store,
  /// an address in use, a missing key.
  static absl::StatusOr<std::unique_ptr<Daemon>> start(v1::Config config, Ports ports);
  ~Daemon();

  /// A channel to the services inside this process.
  std::shared_ptr<grpc::Channel> channel();
  v1::ServiceStatus status() const;

  /// Stops asking, waits for the attempts in flight (at most the configured drain time; `hurry` cuts it short from any
  /// thread), gives up the rest as ambiguous, closes everything. Once.
  absl::Status stop();
  void hurry();

 private:
  class House;
  explicit Daemon(std::unique_ptr<House> house);
  std::unique_ptr<House> house_;
};

}  // namespace harvest
