#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/proof/hash.h"
#include "storage/proof/note_signing.h"

/// Checkpoints (c2sp.org/tlog-checkpoint): a note that says which log has how many entries under which root. Whoever
/// holds one can check every entry up to its size, and every later checkpoint, without asking anybody.
namespace harvest::proof {

struct Checkpoint {
  std::string origin;  ///< the log's name; also the name of its keys
  uint64_t size = 0;
  Hash root = {};
  std::vector<std::string> extensions;  ///< further lines, each not empty; ours have none
  bool operator==(const Checkpoint&) const = default;
};

/// The text that is signed.
std::string checkpoint_text(const Checkpoint& checkpoint);
/// INVALID_ARGUMENT names the line, what was found and what was expected.
absl::StatusOr<Checkpoint> parse_checkpoint(std::string_view text);

/// As its log signs it: a note's bytes.
std::string signed_checkpoint(const Checkpoint& checkpoint, const SignerKey& key);

/// Whom one trusts.
struct Trust {
  /// Of one log or several, old and new ones: one of a log's own, and its name, must stand under the checkpoint.
  std::vector<VerifierKey> logs;
  std::vector<VerifierKey> witnesses;
  size_t witnesses_needed = 0;
};

struct OpenCheckpoint {
  Checkpoint checkpoint;
  std::vector<NoteSigner> witnesses;  ///< known ones that cosigned it, each once
};

/// Form and signatures, both. INVALID_ARGUMENT says what does not hold.
absl::StatusOr<OpenCheckpoint> open_checkpoint(std::string_view note, const Trust& trust);

}  // namespace harvest::proof
