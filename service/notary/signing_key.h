#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/config.pb.h"
#include "storage/proof/note_key.h"

namespace harvest::notary {

/// The name of a log that states none.
inline constexpr char kDefaultLogName[] = "harvest.local/log";

/// The keys that sign, the newest first: as configured, else the one in `data_dir`/log-key, which is made where it is
/// missing (mode 0600, synced). All are of the log's name.
///
/// INVALID_ARGUMENT names the field and where it looked, never what it found there. Blocking.
absl::StatusOr<std::vector<proof::SignerKey>> signing_keys(const v1::LogOptions& options, const std::string& data_dir);

}  // namespace harvest::notary
