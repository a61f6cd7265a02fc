#pragma once

#include <cstdint>

#include "harvest/v1/job.pb.h"

namespace harvest::store {

/// How many of a job's queries have ended: in an answer, without one, or because they need no asking any more. What was
/// cancelled never did.
inline uint64_t ended(const v1::JobCounters& tally) {
  return tally.answered() + tally.refused() + tally.rejected() + tally.quarantined() + tally.unasked();
}

}  // namespace harvest::store
