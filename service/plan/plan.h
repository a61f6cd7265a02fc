#pragma once

#include "harvest/v1/job.pb.h"
#include "service/plan/facts.h"

namespace harvest::plan {

/// What a job is foretold to cost and to take: by teacher and route, and as a whole. The job's route is in the whole; a
/// batch interface that would be cheaper is a part of its own beside it. Left to the caller: id, time, digest, pilot.
///
/// Every teacher's strata hold the same prompts as the facts' own, each at least one. Pure.
v1::Plan make_plan(const Facts& facts);

}  // namespace harvest::plan
