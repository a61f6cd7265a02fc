#pragma once

#include "harvest/v1/control.grpc.pb.h"
#include "service/api/door.h"
#include "service/flow/audit.h"
#include "service/notary/notary.h"
#include "storage/store/store.h"

namespace harvest::api {

/// Thin handlers of the Audit service.
class AuditApi final : public v1::Audit::CallbackService {
 public:
  struct Parts {
    const Door& door;
    const store::Store& store;
    const flow::TeacherDirectory& teachers;
    notary::Notary* notary;      ///< null: the log is not signed
    absl::Status log_refusal{};  ///< why not
  };
  explicit AuditApi(Parts parts)
      : door_(parts.door),
        store_(parts.store),
        audit_(parts.store, parts.teachers),
        notary_(parts.notary),
        log_refusal_(std::move(parts.log_refusal)) {}

  grpc::ServerWriteReactor<v1::LostAttempt>* ListLostAttempts(grpc::CallbackServerContext*,
                                                              const v1::ListLostAttemptsRequest*) override;
  grpc::ServerUnaryReactor* GetBill(grpc::CallbackServerContext*, const v1::GetBillRequest*, v1::Bill*) override;
  grpc::ServerUnaryReactor* GetProof(grpc::CallbackServerContext*, const v1::GetProofRequest*,
                                     v1::InclusionProof*) override;
  grpc::ServerWriteReactor<v1::LoggedEntry>* TailLog(grpc::CallbackServerContext*, const v1::TailLogRequest*) override;

 private:
  absl::StatusOr<v1::InclusionProof> proof(const access::Principal& who, const v1::GetProofRequest& request) const;

  const Door& door_;
  const store::Store& store_;
  const flow::Audit audit_;
  notary::Notary* const notary_;
  const absl::Status log_refusal_;
};

}  // namespace harvest::api
