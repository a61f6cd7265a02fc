#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "service/flow/job_spec.h"
#include "service/flow/ready.h"
#include "service/limit/limiter.h"
#include "service/runtime/task.h"

namespace harvest::flow {

class Harvester;
class Race;
class TeacherDesk;

/// One attempt at one query, or one group, with the permit to make it. Owned by its coroutine; decision lane only.
struct QueryRun {
  ReadyPtr ready;
  std::shared_ptr<const JobSpec> spec;
  const JobSpec::AskedTeacher* asked = nullptr;  ///< in spec
  TeacherDesk* teacher = nullptr;
  size_t endpoint = 0;
  limit::Permit permit;
  v1::Intent intent;

  bool twin = false;           ///< twins wait for it
  bool by_batch = false;       ///< a member of one
  bool under_ceiling = false;  ///< its job's ceiling at this teacher counts it

  // Of a hedged one (race.h):
  std::shared_ptr<Race> race;
  std::optional<v1::Intent> late;          ///< the call that is not waited for
  int64_t beside_at_risk_picodollars = 0;  ///< what the other call may have cost, or may cost yet

  const Candidate& candidate() const { return *ready->candidate(asked->index); }
};

/// The story of one query, from permit to rest: intent on disk, ask, judge, keep.
runtime::Task<void> run_query(Harvester& house, QueryRun run);

}  // namespace harvest::flow
