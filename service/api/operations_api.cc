#include "service/api/operations_api.h"

#include "service/api/unary.h"

namespace harvest::api {

v1::ServiceStatus OperationsApi::status() const {
  v1::ServiceStatus status = control_.status();
  complete_(status);
  return status;
}

grpc::ServerUnaryReactor* OperationsApi::Halt(grpc::CallbackServerContext* context, const v1::HaltRequest* request,
                                              v1::ServiceStatus* reply) {
  return answer(pool_, context, reply, [this, request]() -> absl::StatusOr<v1::ServiceStatus> {
    const absl::Status done = request->lift() ? control_.lift_halt() : control_.halt(request->reason());
    if (!done.ok()) return done;
    return status();
  });
}

grpc::ServerUnaryReactor* OperationsApi::GetStatus(grpc::CallbackServerContext* context, const v1::GetStatusRequest*,
                                                   v1::ServiceStatus* reply) {
  return answer(pool_, context, reply, [this]() -> absl::StatusOr<v1::ServiceStatus> { return status(); });
}

}  // namespace harvest::api
