#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace harvest::s3 {

/// What signs. Never in a message, a log or an argument.
struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  ///< empty: these are no keys for a while
};

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, where there is one, AWS_SESSION_TOKEN, from the environment alone.
/// INVALID_ARGUMENT names the variable that is missing, or holds what no header can carry.
absl::StatusOr<Credentials> credentials_from_environment();

}  // namespace harvest::s3
