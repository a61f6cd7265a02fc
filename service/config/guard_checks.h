#pragma once

#include "harvest/v1/job.pb.h"
#include "service/config/teacher_checks.h"

namespace harvest::config {

/// What is wrong with a guard, of the configuration or of a job: shares beyond 0 to 1, a window of too few answers or
/// too many, or one that could never prove the share it is to watch. Fields are named without a prefix.
void check_guard(const v1::Guard& guard, const Complain& complain);

/// The largest share that so many answers can prove, all of them being so (service/quality/answer_watch.h).
double provable_share(uint32_t answers);

}  // namespace harvest::config
