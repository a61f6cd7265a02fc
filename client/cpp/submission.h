#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cpp/harvest_client.h"
#include "client/cpp/prompt_reader.h"
#include "harvest/v1/job.pb.h"

namespace harvest::client {

/// What is to be submitted, and who is told how it goes.
struct SubmissionPlan {
  v1::Job job;  ///< `prompts` name the files
  /// Who repeats a submission under the same id never submits twice: see submission_id.h.
  std::string submission_id;
  bool reopen = false;  ///< a job committed under this id before is returned instead of an error
  /// Told of every line that is passed over (on_bad_line: SKIP), as text.
  std::function<void(const std::string& bad_line)> on_skipped;
  /// Told of the prompts held by the service so far; returns false to give up, which discards the draft.
  std::function<bool(uint64_t prompts)> on_progress;
};

struct Submitted {
  v1::JobStatus job;
  bool resumed = false;  ///< it was committed before; no prompt was read
  uint64_t skipped_lines = 0;
  /// For people, a line each: that lines ask the same as earlier ones, how many, the first, and what becomes of them;
  /// that answers will end at a cap that nobody stated.
  std::vector<std::string> notes;
};

/// Submits a job whole or not at all: opens a draft, fills it in idempotent chunks (the next is parsed while the last
/// is on its way), commits it. A bad line under on_bad_line: FATAL discards the draft; the error then names that line
/// and those after it, so that a file is mended in one round. While a service restarts, calls are repeated for half a
/// minute.
///
/// Errors: INVALID_ARGUMENT (lines, files, job), CANCELLED (on_progress gave up), and the service's own.
absl::StatusOr<Submitted> submit(HarvestClient& client, const SubmissionPlan& plan);

}  // namespace harvest::client
