#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "harvest/v1/job.pb.h"

namespace harvest::flow {

/// FAILED_PRECONDITION: a job in this state "cannot be paused", retried, ...
inline absl::Status not_now(const v1::JobRecord& record, std::string_view verb) {
  return absl::FailedPreconditionError(absl::StrCat("job ", record.id(), " is ",
                                                    absl::AsciiStrToLower(v1::JobState_Name(record.state())),
                                                    " and cannot be ", std::string(verb)));
}

}  // namespace harvest::flow
