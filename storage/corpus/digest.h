#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

struct evp_md_ctx_st;

/// SHA-256 and random bytes, from OpenSSL. The algorithm is fetched once for the process: looking it up by name costs
/// more than hashing a short text. Every function may be used from any thread; a Sha256 belongs to whoever holds it.
namespace harvest::corpus {

using Digest = std::array<uint8_t, 32>;

/// A hash over pieces: add() as often as needed, then finish(), which makes it ready for the next.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  void add(std::string_view bytes);
  Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

Digest sha256(std::string_view bytes);

std::string hex(std::span<const uint8_t> bytes);
/// "sha256:" and 64 hex digits. Hashes in records bear letters in front, because readers that guess types turn bare
/// digits into numbers.
std::string tagged(const Digest& digest);
/// For bytes that were stored as a string; empty in, empty out.
std::string tagged(std::string_view digest_bytes);

/// From the operating system's generator. INTERNAL where it fails: no salt or id is ever made of weaker bytes.
absl::StatusOr<std::string> random_bytes(size_t count);

}  // namespace harvest::corpus
