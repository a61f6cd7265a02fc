#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "harvest/v1/config.pb.h"
#include "service/signals.h"

namespace harvest {

/// The configuration with everything that can be checked without opening anything; mistakes go to the caller.
/// utc_us: now, where a token that has expired is to count as one; 0: a daemon that starts again refuses it at the
/// door.
absl::StatusOr<v1::Config> load_config(const std::string& path, int64_t utc_us = 0);

/// Each returns the process's exit code and has said on stderr what was wrong.
int check_config(const std::string& path);
int serve_until_signal(const std::string& path, const Signals& signals);

/// The exit code of a daemon that could not start or stop.
int exit_code_of_start(const absl::Status& status);

}  // namespace harvest
