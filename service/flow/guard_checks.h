#pragma once

#include "absl/status/status.h"
#include "harvest/v1/job.pb.h"

namespace harvest::flow {

/// A job's guard. INVALID_ARGUMENT names the field, what was found and what was expected.
absl::Status check_guard(const v1::Job& job);

}  // namespace harvest::flow
