#pragma once

#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "harvest/v1/control.pb.h"
#include "proto/text/ulid.h"
#include "service/flow/intake.h"
#include "service/runtime/clock.h"
#include "storage/store/store.h"

namespace harvest::flow {

/// Brings in pairs that were made elsewhere. They become pairs like any other, with ids, salts and commitments of
/// their own, of a job that asks nothing and is finished as it stands. What is told of them is what is known: their
/// teacher is called import:NAME, so that no rights of a configured teacher ever cover them; their endpoint is
/// import:sha256:…, the file that they came from; they cost nothing, and are never reused as answers to our own
/// queries.
///
/// Their rights are those that the request states, attested by whoever states them; without any nothing is permitted,
/// and no export lets them through.
///
/// Blocking, any thread.
class PairImport {
 public:
  PairImport(store::Store& store, const Intake& intake, const runtime::Clock& clock)
      : store_(store), intake_(intake), clock_(clock) {}

  /// One message, whole or not at all: durable when this returns. The same message again changes nothing and is
  /// counted as held before. INVALID_ARGUMENT names the entry; PERMISSION_DENIED: another tenant's dataset;
  /// ALREADY_EXISTS: the submission id is another one's, or of another import; FAILED_PRECONDITION: entries before
  /// these are missing.
  absl::StatusOr<v1::ImportPairsReply> import(const v1::ImportPairsRequest& request, const Caller& caller);

 private:
  std::string new_id(const char* prefix, int64_t utc_us);

  store::Store& store_;
  const Intake& intake_;
  const runtime::Clock& clock_;
  std::mutex mutex_;  // guards ulids_
  text::UlidSource ulids_;
};

/// As the record columns call it: "import:" and the name that was stated.
std::string imported_teacher_name(const std::string& stated);

}  // namespace harvest::flow
