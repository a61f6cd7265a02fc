#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

/// Ed25519 (RFC 8032) by OpenSSL. Any thread.
namespace harvest::proof {

using PublicKey = std::array<uint8_t, 32>;
using Signature = std::array<uint8_t, 64>;

/// The 32 secret bytes that a private key is made of; wiped when they go.
class Seed {
 public:
  /// `bytes` are 32.
  explicit Seed(std::string_view bytes);
  /// From the system's generator; INTERNAL where it fails.
  static absl::StatusOr<Seed> random();
  Seed(const Seed&) = default;
  Seed& operator=(const Seed&) = default;
  ~Seed();

  std::string_view bytes() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }

 private:
  std::array<uint8_t, 32> bytes_;
};

PublicKey public_key(const Seed& seed);
Signature sign(const Seed& seed, std::string_view message);
/// False for anything but this key's signature of this message.
bool verifies(const PublicKey& key, std::string_view message, std::string_view signature);

}  // namespace harvest::proof
