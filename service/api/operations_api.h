#pragma once

#include <functional>

#include "harvest/v1/control.grpc.pb.h"
#include "service/api/door.h"
#include "service/flow/control.h"

namespace harvest::api {

/// Thin handlers of the Operations service.
class OperationsApi final : public v1::Operations::CallbackService {
 public:
  /// `complete`: adds what the daemon alone knows (addresses, version, data_dir).
  using Complete = std::function<void(v1::ServiceStatus&)>;
  OperationsApi(const Door& door, flow::Control& control, Complete complete)
      : door_(door), control_(control), complete_(std::move(complete)) {}

  grpc::ServerUnaryReactor* Halt(grpc::CallbackServerContext*, const v1::HaltRequest*, v1::ServiceStatus*) override;
  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext*, const v1::GetStatusRequest*,
                                      v1::ServiceStatus*) override;

 private:
  v1::ServiceStatus status(const access::Principal& who) const;

  const Door& door_;
  flow::Control& control_;
  Complete complete_;
};

}  // namespace harvest::api
