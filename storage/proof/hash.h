#pragma once

#include <array>
#include <cstdint>
#include <string_view>

/// The hashes of RFC 6962's tree (section 2.1). Any thread.
namespace harvest::proof {

/// SHA-256; the same type as storage/corpus' Digest.
using Hash = std::array<uint8_t, 32>;

Hash sha256(std::string_view bytes);

/// SHA-256(0x00 ‖ entry): no entry is ever taken for an inner node.
Hash leaf_hash(std::string_view entry);
/// SHA-256(0x01 ‖ left ‖ right).
Hash node_hash(const Hash& left, const Hash& right);
/// Root of the tree without entries: SHA-256 of nothing.
Hash empty_root();

inline std::string_view bytes_of(const Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}
/// `bytes` are 32.
Hash hash_of_bytes(std::string_view bytes);

}  // namespace harvest::proof
