#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "harvest/v1/teacher.pb.h"

namespace harvest::config {

/// The secret's value: the environment variable's, or the file's one line without blanks at its end. A Secret that
/// names neither is the empty value (a server of one's own needs no key).
///
/// INVALID_ARGUMENT names the variable or the file, never a value: it is not there, cannot be read, is empty, holds
/// more than one line, or what no HTTP header can. The caller keeps the value out of logs, messages and stores.
absl::StatusOr<std::string> resolve_secret(const v1::Secret& secret);

}  // namespace harvest::config
