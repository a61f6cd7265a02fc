#include "storage/proof/ed25519.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cassert>
#include <cstring>
#include <memory>

namespace harvest::proof {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeSigning {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Signing = std::unique_ptr<EVP_MD_CTX, FreeSigning>;

const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Key private_key(const Seed& seed) {
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(seed.bytes()), seed.bytes().size()));
  assert(key != nullptr);
  return key;
}

}  // namespace

Seed::Seed(std::string_view bytes) {
  assert(bytes.size() == bytes_.size());
  std::memcpy(bytes_.data(), bytes.data(), bytes_.size());
}

absl::StatusOr<Seed> Seed::random() {
  std::array<unsigned char, 32> bytes;
  if (RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    return absl::InternalError("the system's random generator gave no bytes");
  Seed seed(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return seed;
}

Seed::~Seed() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

PublicKey public_key(const Seed& seed) {
  PublicKey bytes;
  size_t length = bytes.size();
  const int got = EVP_PKEY_get_raw_public_key(private_key(seed).get(), bytes.data(), &length);
  assert(got == 1 && length == bytes.size());
  return bytes;
}

Signature sign(const Seed& seed, std::string_view message) {
  const Key key = private_key(seed);
  const Signing signing(EVP_MD_CTX_new());
  Signature signature;
  size_t length = signature.size();
  const bool made = EVP_DigestSignInit(signing.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                    EVP_DigestSign(signing.get(), signature.data(), &length, octets(message), message.size()) == 1;
  assert(made && length == signature.size());
  return signature;
}

bool verifies(const PublicKey& key_bytes, std::string_view message, std::string_view signature) {
  if (signature.size() != sizeof(Signature)) return false;
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key_bytes.data(), key_bytes.size()));
  if (key == nullptr) return false;
  const Signing signing(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(signing.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(signing.get(), octets(signature), signature.size(), octets(message), message.size()) == 1;
}

}  // namespace harvest::proof
