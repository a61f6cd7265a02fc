#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client/cpp/access.h"

namespace harvest::client {

/// A page of a service's HTTP face, at most 64 MiB. No proxy, no redirect; a token goes over TLS or loopback, or
/// nowhere.
///
/// Blocking. UNAVAILABLE, NOT_FOUND, UNAUTHENTICATED, PERMISSION_DENIED, FAILED_PRECONDITION (a token in the clear).
absl::StatusOr<std::string> fetch_page(const std::string& url, const Access& access);

}  // namespace harvest::client
