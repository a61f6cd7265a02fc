#pragma once

#include <string>

#include "absl/status/status.h"
#include "harvest/v1/job.pb.h"

namespace harvest::client {

/// How harvestd and harvestctl end: one table for both (README.md, and --help of both). Scripts rely on it.
enum ExitCode : int {
  kOk = 0,
  kInternal = 1,       ///< unexpected: a defect, or a state nobody foresaw
  kUsage = 2,          ///< flags, configuration or prompts are wrong; nothing was changed
  kOtherEndings = 3,   ///< some queries ended otherwise than in an answer; all are named
  kCostCap = 4,        ///< the job stopped at its cost cap with queries left
  kNotFound = 5,       ///< no such job, teacher, dataset or pair
  kUnreachable = 6,    ///< no daemon answers
  kRefused = 7,        ///< not permitted, or not in this state: rights, prices, halted, already exists
  kStore = 8,          ///< disk full, store damaged or held by another process, files that do not verify
  kAddressInUse = 9,   ///< the address to listen at is taken
  kInterrupted = 130,  ///< by a signal
};

/// The table, for --help.
extern const char* const kExitCodesHelp;

/// Of a call, a file or a check that failed (or did not).
ExitCode exit_code_of(const absl::Status& status);

/// Of a job as it stands. RUNNING and DRAFT are kInterrupted: whoever asks has stopped waiting for it.
ExitCode exit_code_of(const v1::JobStatus& job);

}  // namespace harvest::client
