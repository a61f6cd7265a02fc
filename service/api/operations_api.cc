#include "service/api/operations_api.h"

#include "service/api/unary.h"

namespace harvest::api {

v1::ServiceStatus OperationsApi::status(const access::Principal& who) const {
  v1::ServiceStatus status = control_.status();
  complete_(status);
  status.set_principal(who.name);
  return status;
}

grpc::ServerUnaryReactor* OperationsApi::Halt(grpc::CallbackServerContext* context, const v1::HaltRequest* request,
                                              v1::ServiceStatus* reply) {
  return answer(door_, context, reply,
                [this, context, request](const access::Principal& who) -> absl::StatusOr<v1::ServiceStatus> {
                  if (absl::Status noted = door_.note(*context, who, "", request->reason(), *request); !noted.ok())
                    return noted;
                  const absl::Status done = request->lift() ? control_.lift_halt() : control_.halt(request->reason());
                  if (!done.ok()) return done;
                  return status(who);
                });
}

grpc::ServerUnaryReactor* OperationsApi::GetStatus(grpc::CallbackServerContext* context, const v1::GetStatusRequest*,
                                                   v1::ServiceStatus* reply) {
  return answer(door_, context, reply,
                [this](const access::Principal& who) -> absl::StatusOr<v1::ServiceStatus> { return status(who); });
}

}  // namespace harvest::api
