#pragma once

#include <memory>

#include "absl/container/flat_hash_set.h"
#include "harvest/v1/batch.pb.h"
#include "service/dialect/batch.h"
#include "service/flow/job_spec.h"
#include "service/runtime/task.h"
#include "storage/store/change.h"

namespace harvest::flow {

class Harvester;
class TeacherDesk;

/// One batch from its sealing to its members' rest. Owned by its coroutine; decision lane only.
struct BatchRun {
  v1::Batch row;  ///< as on disk
  std::shared_ptr<const JobSpec> spec;
  const JobSpec::AskedTeacher* asked = nullptr;  ///< in spec
  TeacherDesk* teacher = nullptr;
  const dialect::BatchInterface* vendor = nullptr;
  /// It may have been handed in without our hearing of it: it is looked for before it is handed in again.
  bool in_doubt = false;
  absl::flat_hash_set<store::Identity> unheld;  ///< (first) identities of members that another attempt is under way for
};

/// The story of one batch: handed in, looked after, taken over. Where the service ends before it does, the next one
/// goes on with it: what it builds upon is on disk before.
runtime::Task<void> run_batch(Harvester& house, BatchRun run);

}  // namespace harvest::flow
