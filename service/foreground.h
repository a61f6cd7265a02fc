#pragma once

#include <atomic>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cpp/harvest_client.h"
#include "client/cpp/submission.h"
#include "service/daemon.h"

namespace harvest {

/// A harvest that somebody watches: submits its job (or finds the one of an earlier call) through the channel inside
/// the process, shows it until it rests, names what did not end in an answer, publishes. One owner, one thread.
class Foreground {
 public:
  /// `interrupted`: set by whoever takes signals; everything then ends soon and soundly.
  Foreground(Daemon& daemon, const std::atomic<bool>& interrupted);

  /// The exit code. `retry_failed`: what an earlier call saw end without an answer is asked again.
  int harvest(const v1::Job& job, bool retry_failed);

 private:
  absl::StatusOr<client::Submitted> submit(const v1::Job& job);
  absl::Status watch(const std::string& job_id);
  int tell(const v1::JobStatus& job);

  client::HarvestClient client_;
  const std::atomic<bool>& interrupted_;
};

/// Says what failed, as `harvestd run` does, and returns its exit code.
int fail_run(const absl::Status& status);

}  // namespace harvest
