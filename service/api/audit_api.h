#pragma once

#include "harvest/v1/control.grpc.pb.h"
#include "service/api/door.h"
#include "service/flow/audit.h"
#include "storage/store/store.h"

namespace harvest::api {

/// Thin handlers of the Audit service.
class AuditApi final : public v1::Audit::CallbackService {
 public:
  AuditApi(const Door& door, const store::Store& store, const flow::TeacherDirectory& teachers)
      : door_(door), store_(store), audit_(store, teachers) {}

  grpc::ServerWriteReactor<v1::LostAttempt>* ListLostAttempts(grpc::CallbackServerContext*,
                                                              const v1::ListLostAttemptsRequest*) override;
  grpc::ServerUnaryReactor* GetBill(grpc::CallbackServerContext*, const v1::GetBillRequest*, v1::Bill*) override;

 private:
  const Door& door_;
  const store::Store& store_;
  const flow::Audit audit_;
};

}  // namespace harvest::api
