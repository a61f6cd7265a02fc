#include "storage/proof/note_key.h"

#include <openssl/crypto.h>

#include <cassert>
#include <cstring>
#include <optional>

#include "storage/proof/base64.h"
#include "storage/proof/hash.h"
#include "storage/proof/note.h"
#include "storage/proof/text_lines.h"

namespace harvest::proof {
namespace {

constexpr std::string_view kPrivate = "PRIVATE+KEY+";
constexpr size_t kKeyTextBytesMax = 1024;

std::string hex8(uint32_t value) {
  std::string digits;
  for (int shift = 28; shift >= 0; shift -= 4) digits += "0123456789abcdef"[value >> shift & 15];
  return digits;
}

/// NAME+HEX+BASE64(type ‖ 32 bytes), as both kinds of key are written.
struct KeyText {
  std::string name, id, bytes;
  KeyText() = default;
  KeyText(KeyText&&) = default;
  ~KeyText() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
  KeyType type() const { return static_cast<KeyType>(bytes[0]); }
  std::string_view key() const { return std::string_view(bytes).substr(1); }
};

/// Empty: what is wrong would have to be told by showing it.
std::optional<KeyText> split_key(std::string_view text) {
  if (text.size() > kKeyTextBytesMax) return std::nullopt;
  const size_t first = text.find('+'), second = text.find('+', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  KeyText key;
  key.name = text.substr(0, first);
  key.id = text.substr(first + 1, second - first - 1);
  auto bytes = read_base64(text.substr(second + 1));
  if (!bytes || bytes->size() != 33 || !is_key_name(key.name)) return std::nullopt;
  key.bytes = *std::move(bytes);
  if (key.type() != KeyType::kEd25519 && key.type() != KeyType::kCosignature) return std::nullopt;
  return key;
}

}  // namespace

uint32_t VerifierKey::id() const {
  std::string bytes = name + "\n" + static_cast<char>(type);
  bytes.append(reinterpret_cast<const char*>(key.data()), key.size());
  const Hash hash = sha256(bytes);
  return uint32_t{hash[0]} << 24 | uint32_t{hash[1]} << 16 | uint32_t{hash[2]} << 8 | hash[3];
}

std::string VerifierKey::text() const {
  std::string bytes(1, static_cast<char>(type));
  bytes.append(reinterpret_cast<const char*>(key.data()), key.size());
  return hint() + "+" + base64(bytes);
}

std::string VerifierKey::hint() const {
  return name + "+" + hex8(id());
}

absl::StatusOr<VerifierKey> parse_verifier_key(std::string_view text) {
  if (text.starts_with(kPrivate))
    return absl::InvalidArgumentError("a key to verify with: found a private one, which belongs to its signer alone");
  const auto split = split_key(text);
  if (!split)
    return absl::InvalidArgumentError("a key to verify with: expected NAME+ID+KEY of Ed25519, found " + shown(text));
  VerifierKey key{split->name, split->type(), {}};
  std::memcpy(key.key.data(), split->key().data(), key.key.size());
  if (split->id != hex8(key.id()))
    return absl::InvalidArgumentError("key of " + key.name + ": expected the id " + hex8(key.id()) + ", found " +
                                      shown(split->id));
  return key;
}

SignerKey::SignerKey(std::string name, KeyType type, Seed seed)
    : verifier_{std::move(name), type, public_key(seed)}, seed_(std::move(seed)) {
  assert(is_key_name(verifier_.name));
}

absl::StatusOr<SignerKey> SignerKey::parse(std::string_view text) {
  const auto split = text.starts_with(kPrivate) ? split_key(text.substr(kPrivate.size())) : std::nullopt;
  if (!split) return absl::InvalidArgumentError("a key to sign with: expected PRIVATE+KEY+NAME+ID+KEY of Ed25519");
  SignerKey key(split->name, split->type(), Seed(split->key()));
  if (split->id != hex8(key.verifier_.id()))
    return absl::InvalidArgumentError("key to sign with as " + split->name + ": its id is not that of its bytes");
  return key;
}

std::string SignerKey::text() const {
  return std::string(kPrivate) + verifier_.hint() + "+" +
         base64(std::string(1, static_cast<char>(verifier_.type)) + std::string(seed_.bytes()));
}

}  // namespace harvest::proof
