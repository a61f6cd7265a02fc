#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "harvest/v1/job.pb.h"

namespace harvest::client {

/// A submission id that is new each time: for submit, where repeating a command means a second job.
absl::StatusOr<std::string> new_submission_id();

/// The submission id that the same job over the same prompts always has: for `harvestd run`, which called again resumes
/// its own job. It is the SHA-256 over what the job asks and the bytes of its prompt files; left out is what may change
/// between two calls without making it another job: caps, deadline, priority, label, the files' names, and what happens
/// to bad lines. Reads every file once. Standard input cannot be read twice: its job is new each time.
absl::StatusOr<std::string> lasting_submission_id(const v1::Job& job);

}  // namespace harvest::client
