#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "client/cpp/harvest_client.h"
#include "client/cpp/pair_file.h"

namespace harvest::client {

/// Pairs that were made elsewhere, on their way into a dataset.
struct ImportPlan {
  PairFiles files;
  /// Dataset, use, teacher, vendor and rights; the rest is filled in. Rights unset: not known, and no export for
  /// anything.
  v1::ImportPairsRequest stated;
};

struct ImportReport {
  PairsRead read;
  uint64_t pairs = 0;        ///< new
  uint64_t held_before = 0;  ///< were there from an import of before
  std::string digest;        ///< "sha256:…" of the answers' file
};

/// Reads the files whole before it sends anything: a line that is wrong changes nothing. Then sends them in messages
/// of about a megabyte, each of which the service takes whole or not at all; after an interruption the same command
/// goes on. The same files with the same words beside them are the same import, whatever they are called.
///
/// Blocking. INVALID_ARGUMENT: the files; others as the service's, UNAVAILABLE: nobody answers.
absl::StatusOr<ImportReport> import_pairs(HarvestClient& client, const ImportPlan& plan);

}  // namespace harvest::client
