#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/proof/ed25519.h"

/// Keys of signed notes, as one line of text each (Go's golang.org/x/mod/sumdb/note reads and writes the same):
///
///     harvest.example/log+8efac513+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4       for whoever verifies
///     PRIVATE+KEY+harvest.example/log+8efac513+AQABAgME…                             for whoever signs
namespace harvest::proof {

/// The byte in front of the key. A witness' signatures state a time and so are of a type of their own.
enum class KeyType : uint8_t { kEd25519 = 1, kCosignature = 4 };

struct VerifierKey {
  std::string name;
  KeyType type = KeyType::kEd25519;
  PublicKey key = {};

  /// The first four bytes of SHA-256(name ‖ newline ‖ type ‖ key): which key it is, no proof that it is that one.
  uint32_t id() const;
  std::string text() const;
  /// "harvest.example/log+8efac513": name and id, for people and as a hint where a signature stands.
  std::string hint() const;
  bool operator==(const VerifierKey&) const = default;
};

/// INVALID_ARGUMENT says what was found and expected: an id that is not this key's is a typing mistake.
absl::StatusOr<VerifierKey> parse_verifier_key(std::string_view text);

/// A secret: text() goes into a file with mode 0600 and nowhere else.
class SignerKey {
 public:
  /// `name` is a key name (note.h).
  SignerKey(std::string name, KeyType type, Seed seed);
  /// The error never shows what was found.
  static absl::StatusOr<SignerKey> parse(std::string_view text);

  const VerifierKey& verifier() const { return verifier_; }
  const Seed& seed() const { return seed_; }
  std::string text() const;

 private:
  VerifierKey verifier_;
  Seed seed_;
};

}  // namespace harvest::proof
