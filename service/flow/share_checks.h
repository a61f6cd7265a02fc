#pragma once

#include "absl/status/status.h"
#include "harvest/v1/job.pb.h"

namespace harvest::flow {

/// A job's weight, concurrency, floors and ceilings, and how much of it may be asked twice. INVALID_ARGUMENT names the
/// field, what was found and what was expected.
absl::Status check_shares(const v1::Job& job);

}  // namespace harvest::flow
