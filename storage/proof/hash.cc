#include "storage/proof/hash.h"

#include <openssl/evp.h>

#include <cassert>
#include <cstring>
#include <memory>

namespace harvest::proof {
namespace {

const EVP_MD* algorithm() {
  // Never freed: threads may still hash while the process ends.
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  assert(fetched != nullptr);
  return fetched;
}

Hash hash_pieces(std::string_view first, std::string_view second) {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  Hash hash;
  unsigned length = 0;
  const bool hashed = EVP_DigestInit_ex2(context.get(), algorithm(), nullptr) == 1 &&
                      EVP_DigestUpdate(context.get(), first.data(), first.size()) == 1 &&
                      EVP_DigestUpdate(context.get(), second.data(), second.size()) == 1 &&
                      EVP_DigestFinal_ex(context.get(), hash.data(), &length) == 1;
  assert(hashed && length == hash.size());
  return hash;
}

}  // namespace

Hash sha256(std::string_view bytes) {
  return hash_pieces(bytes, {});
}

Hash leaf_hash(std::string_view entry) {
  return hash_pieces(std::string_view("\0", 1), entry);
}

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<char, 65> bytes;
  bytes[0] = 1;
  std::memcpy(bytes.data() + 1, left.data(), left.size());
  std::memcpy(bytes.data() + 33, right.data(), right.size());
  return hash_pieces({bytes.data(), bytes.size()}, {});
}

Hash empty_root() {
  return sha256({});
}

Hash hash_of_bytes(std::string_view bytes) {
  Hash hash;
  assert(bytes.size() == hash.size());
  std::memcpy(hash.data(), bytes.data(), hash.size());
  return hash;
}

}  // namespace harvest::proof
