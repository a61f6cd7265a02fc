#pragma once

#include "harvest/v1/job.pb.h"
#include "service/plan/pace.h"

namespace harvest::flow {

/// What a teacher grants a job: what is stated or was found of its limits, and the job's own ceilings.
plan::Allowance allowance_of(const v1::TeacherStatus& teacher, const v1::Job& job, int64_t utc_us);

}  // namespace harvest::flow
