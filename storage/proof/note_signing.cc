#include "storage/proof/note_signing.h"

#include <algorithm>
#include <cassert>
#include <string>

#include "storage/proof/tree.h"

namespace harvest::proof {
namespace {

constexpr size_t kTimeBytes = 8;

std::string cosigned_text(std::string_view text, uint64_t time_s) {
  return "cosignature/v1\ntime " + std::to_string(time_s) + "\n" + std::string(text);
}

NoteSignature signature_of(const SignerKey& key, std::string prefix, std::string_view message) {
  const Signature signature = sign(key.seed(), message);
  prefix.append(reinterpret_cast<const char*>(signature.data()), signature.size());
  return {key.verifier().name, key.verifier().id(), std::move(prefix)};
}

/// Nothing where the signature does not hold.
std::optional<NoteSigner> signer_of(const VerifierKey& key, std::string_view text, std::string_view signature) {
  if (key.type == KeyType::kEd25519) {
    if (!verifies(key.key, text, signature)) return std::nullopt;
    return NoteSigner{key, std::nullopt};
  }
  if (signature.size() <= kTimeBytes) return std::nullopt;
  uint64_t time_s = 0;
  for (size_t i = 0; i < kTimeBytes; ++i) time_s = time_s << 8 | static_cast<uint8_t>(signature[i]);
  if (time_s > kSizeMax || !verifies(key.key, cosigned_text(text, time_s), signature.substr(kTimeBytes)))
    return std::nullopt;
  return NoteSigner{key, time_s};
}

}  // namespace

NoteSignature sign_note(const SignerKey& key, std::string_view text) {
  assert(key.verifier().type == KeyType::kEd25519);
  return signature_of(key, {}, text);
}

NoteSignature cosign_note(const SignerKey& key, std::string_view text, uint64_t time_s) {
  assert(key.verifier().type == KeyType::kCosignature && time_s <= kSizeMax);
  std::string time;
  for (int shift = 56; shift >= 0; shift -= 8) time += static_cast<char>(time_s >> shift & 255);
  return signature_of(key, std::move(time), cosigned_text(text, time_s));
}

absl::StatusOr<std::vector<NoteSigner>> verify_note(const Note& note, std::span<const VerifierKey> known) {
  std::vector<NoteSigner> signers;
  for (const NoteSignature& signature : note.signatures) {
    const auto key = std::find_if(known.begin(), known.end(), [&](const VerifierKey& candidate) {
      return candidate.name == signature.name && candidate.id() == signature.key_id;
    });
    if (key == known.end()) continue;
    auto signer = signer_of(*key, note.text, signature.bytes);
    if (!signer) return absl::InvalidArgumentError("signed note: the signature of " + key->hint() + " does not hold");
    signers.push_back(*std::move(signer));
  }
  if (signers.empty()) return absl::InvalidArgumentError("signed note: found no signature of a known key");
  return signers;
}

}  // namespace harvest::proof
