#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/proof/checkpoint.h"

namespace harvest::client {

/// Checks files about the transparency log, with nothing but the keys that one trusts: no daemon, no network.
///
/// - a proof (`.tlog-proof`): its entry is in the log of its checkpoint;
/// - a checkpoint: signed by the log, cosigned by as many witnesses as are asked for;
/// - a directory, a copy of the log's own files (`checkpoint`, `tile/…`): every tile is what its entries make, up to
/// the
///   signed root;
/// - all of them together: one history. Two roots of one size are a fork; a directory holds every checkpoint up to its
/// size.
///
/// One thread. Errors are INVALID_ARGUMENT or DATA_LOSS and name the file and what does not hold.
class LogVerify {
 public:
  explicit LogVerify(proof::Trust trust) : trust_(std::move(trust)) {}

  struct Verified {
    std::string kind;  ///< proof, checkpoint, log
    proof::Checkpoint checkpoint;
    size_t witnesses = 0;
    uint64_t index = 0;  ///< of a proof
    std::string entry;   ///< of a proof
  };
  /// Directories come last: they are held against what the other files said.
  absl::StatusOr<Verified> check(const std::string& path);

 private:
  absl::StatusOr<Verified> check_file(const std::string& path);
  absl::StatusOr<Verified> check_directory(const std::string& path);
  absl::Status one_history(const std::string& path, const proof::Checkpoint& checkpoint);

  struct Seen {
    proof::Hash root;
    std::string path;
  };
  const proof::Trust trust_;
  std::map<std::pair<std::string, uint64_t>, Seen> seen_;  // by the log's name and size
};

/// A key as it is given on a command line: itself, or the path of a file whose first line it is.
absl::StatusOr<proof::VerifierKey> verifier_key_of(const std::string& given);

}  // namespace harvest::client
