#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "harvest/v1/job.pb.h"
#include "storage/store/change.h"

namespace harvest::flow {

/// Under which a plan is kept, and found again when a job over the same prompts is submitted: what shapes cost and time
/// of the job must be the same; name, dataset, caps and shares may differ. INVALID_ARGUMENT: the digest is none.
absl::StatusOr<store::PlanKey> plan_key(const std::string& tenant, const v1::Job& job, std::string_view prompts_sha256);

}  // namespace harvest::flow
