#include "client/cpp/exit_code.h"

namespace harvest::client {

const char* const kExitCodesHelp =
    "Exit codes: 0 done; 1 unexpected; 2 bad flags, configuration or prompts; 3 some queries ended\n"
    "otherwise than in an answer; 4 stopped at the cost cap; 5 not found; 6 no daemon answers;\n"
    "7 refused (rights, state); 8 store, disk or verification; 9 address in use; 130 interrupted.";

ExitCode exit_code_of(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return kUsage;
    case absl::StatusCode::kNotFound:
      return kNotFound;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kUnreachable;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kUnimplemented:
      return kRefused;
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDataLoss:
      return kStore;
    case absl::StatusCode::kCancelled:
      return kInterrupted;
    default:
      return kInternal;
  }
}

ExitCode exit_code_of(const v1::JobStatus& job) {
  const v1::JobRecord& record = job.record();
  switch (record.state()) {
    case v1::FINISHED: {
      // Samples that an accepted one made needless are as good as asked.
      const uint64_t needless = record.job().until().empty() ? 0 : record.counters().unasked();
      return record.counters().answered() + needless >= record.counters().queries() ? kOk : kOtherEndings;
    }
    case v1::CANCELLED:
      return kOtherEndings;
    case v1::PAUSED:
      // The reasons that the service gives itself begin with the word for what ran out.
      return record.reason().rfind("budget", 0) == 0 ? kCostCap : kRefused;
    default:
      return kInterrupted;
  }
}

}  // namespace harvest::client
