#include "service/flow/guard_checks.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "service/config/guard_checks.h"

namespace harvest::flow {

absl::Status check_guard(const v1::Job& job) {
  absl::Status status;
  config::check_guard(job.guard(), [&status](const std::string& field, const std::string& what) {
    status.Update(absl::InvalidArgumentError(absl::StrCat("guard.", field, ": ", what)));
  });
  return status;
}

}  // namespace harvest::flow
