#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "harvest/v1/control.pb.h"
#include "service/flow/intake.h"
#include "storage/store/store.h"

/// `jobs retry JOB --where truncated --max-output N`: what a job's output cap cut off is bought again under a larger
/// one, by a new job that asks the same prompts in the same words, for the same use, into the same dataset.
///
/// Only what was cut off is paid for. A prompt is asked again as a whole (every sample, and each of the teachers whose
/// answers were cut off), because that is how a job asks; what of it was whole is reused, though its cap was smaller.
namespace harvest::flow {

/// The same command is the same submission.
std::string truncated_retry_id(std::string_view job_id, uint32_t max_output_tokens);
bool is_truncated_retry(std::string_view submission_id);

/// The new job as a draft with all its prompts; or the one that the same command made before, which may be committed.
/// Looks through the pairs of the job's dataset since the job began: blocking, and long where there are millions. One
/// call at a time, up to the draft's commit: a half filled draft is taken for one that a crash left, and made anew.
/// NOT_FOUND, FAILED_PRECONDITION (nothing was cut off, not in this state), INVALID_ARGUMENT (N is no larger cap), and
/// whatever Intake says of the new job. Where it fails there is no draft.
absl::StatusOr<v1::Draft> draft_truncated_retry(store::Store& store, Intake& intake, const v1::RetryJobRequest& request,
                                                const Caller& caller, int64_t utc_us);

}  // namespace harvest::flow
