#pragma once

#include <cstdint>

#include "harvest/v1/job.pb.h"

namespace harvest::store {

/// How many of a job's queries have ended, in an answer or without. What was cancelled never did.
uint64_t ended(const v1::JobCounters& tally);

}  // namespace harvest::store
