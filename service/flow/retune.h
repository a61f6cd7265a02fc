#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "harvest/v1/control.pb.h"
#include "harvest/v1/job.pb.h"

namespace harvest::flow {

/// The job as it is after this retune. FAILED_PRECONDITION where it has ended, INVALID_ARGUMENT where a figure is
/// absurd, names a teacher that the job does not ask, lies in the past, or is a cap below what is spent already:
/// nothing is changed then.
absl::StatusOr<v1::Job> retune(const v1::JobRecord& record, const v1::RetuneJobRequest& request, int64_t utc_us);

/// Was it paused for a cap or a deadline that it stands under no more, or by a guard that this retune has replaced?
bool may_resume_after_retune(const v1::JobRecord& record, const v1::RetuneJobRequest& request, int64_t utc_us);

}  // namespace harvest::flow
