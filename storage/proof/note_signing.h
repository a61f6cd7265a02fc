#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/proof/note.h"
#include "storage/proof/note_key.h"

/// Who signed a note, and how one signs.
///
/// A log signs the text itself. A witness' *cosignature* (c2sp.org/tlog-cosignature, v1) says when, in seconds since
/// 1970, the witness had seen nothing larger of this log that was consistent; its bytes are that time and a signature
/// of "cosignature/v1", the time and the text.
namespace harvest::proof {

/// `key` is of type kEd25519.
NoteSignature sign_note(const SignerKey& key, std::string_view text);
/// `key` is of type kCosignature.
NoteSignature cosign_note(const SignerKey& key, std::string_view text, uint64_t time_s);

/// A signature that holds.
struct NoteSigner {
  VerifierKey key;
  std::optional<uint64_t> time_s;  ///< a witness' time
};

/// Which of `known` have signed. Signatures of other keys are passed over: so keys can be changed and witnesses added
/// without asking everybody first. One of a known key that does not hold is INVALID_ARGUMENT and refuses the whole
/// note, as does a note that nobody known has signed.
absl::StatusOr<std::vector<NoteSigner>> verify_note(const Note& note, std::span<const VerifierKey> known);

}  // namespace harvest::proof
