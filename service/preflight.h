#pragma once

#include "absl/status/status.h"
#include "harvest/v1/config.pb.h"

namespace harvest {

/// What a start needs besides its store, looked at before anything is made or opened.

/// Every teacher's key is there. INVALID_ARGUMENT names all that are missing.
absl::Status check_keys(const v1::Config& config);
/// Nobody listens at the addresses yet. ALREADY_EXISTS names the first that is taken. What else can be wrong with an
/// address is left to the face that listens there.
absl::Status check_addresses(const v1::Config& config);

}  // namespace harvest
