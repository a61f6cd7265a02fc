#include "storage/corpus/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <cassert>
#include <cstring>

namespace harvest::corpus {
namespace {

const EVP_MD* algorithm() {
  // Never freed: it lives as long as the process, as every thread may still hash while it ends.
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  assert(fetched != nullptr);
  return fetched;
}

void start(EVP_MD_CTX* context) {
  [[maybe_unused]] const int ok = EVP_DigestInit_ex2(context, algorithm(), nullptr);
  assert(ok == 1);
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  start(context_.get());
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
  [[maybe_unused]] const int ok = EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
  assert(ok == 1);
}

Digest Sha256::finish() {
  Digest digest;
  unsigned length = 0;
  [[maybe_unused]] const int ok = EVP_DigestFinal_ex(context_.get(), digest.data(), &length);
  assert(ok == 1 && length == digest.size());
  start(context_.get());
  return digest;
}

Digest sha256(std::string_view bytes) {
  thread_local Sha256 hash;  // a context costs an allocation; finish() leaves it fresh
  hash.add(bytes);
  return hash.finish();
}

std::string hex(std::span<const uint8_t> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out(bytes.size() * 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    out[2 * i] = kDigits[bytes[i] >> 4];
    out[2 * i + 1] = kDigits[bytes[i] & 15];
  }
  return out;
}

std::string tagged(const Digest& digest) {
  return "sha256:" + hex(digest);
}

std::string tagged(std::string_view digest_bytes) {
  if (digest_bytes.empty()) return {};
  return "sha256:" + hex({reinterpret_cast<const uint8_t*>(digest_bytes.data()), digest_bytes.size()});
}

absl::StatusOr<std::string> random_bytes(size_t count) {
  // Salts are drawn one by one, and a call of the generator costs far more than their bytes: small ones come from a
  // pool, each byte given out once and wiped.
  thread_local std::array<unsigned char, 2048> pool;
  thread_local size_t left = 0;
  std::string bytes(count, '\0');
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  const bool pooled = count <= pool.size() / 8;
  if (pooled && left < count) {
    if (RAND_bytes(pool.data(), static_cast<int>(pool.size())) != 1)
      return absl::InternalError("the system's random generator gave no bytes");
    left = pool.size();
  }
  if (pooled) {
    left -= count;
    std::memcpy(out, pool.data() + left, count);
    OPENSSL_cleanse(pool.data() + left, count);
  } else if (RAND_bytes(out, static_cast<int>(count)) != 1) {
    return absl::InternalError("the system's random generator gave no bytes");
  }
  return bytes;
}

}  // namespace harvest::corpus
