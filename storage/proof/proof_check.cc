#include "storage/proof/proof_check.h"

#include <bit>

namespace harvest::proof {
namespace {

/// A way up from a leaf, beside the way up from the last leaf: where both meet, levels without a right sibling are
/// passed over.
struct Climb {
  uint64_t at;    ///< index of our node in its level
  uint64_t last;  ///< index of the level's last node

  bool from_left() const { return (at & 1) != 0 || at == last; }
  void rise() {
    at >>= 1;
    last >>= 1;
  }
  void skip_lonely() {
    while ((at & 1) == 0 && at != 0) rise();
  }
};

}  // namespace

bool proves_inclusion(const Hash& leaf, uint64_t index, uint64_t size, std::span<const Hash> proof, const Hash& root) {
  if (index >= size) return false;
  Climb climb{index, size - 1};
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (climb.last == 0) return false;
    if (climb.from_left()) {
      hash = node_hash(sibling, hash);
      climb.skip_lonely();
    } else {
      hash = node_hash(hash, sibling);
    }
    climb.rise();
  }
  return climb.last == 0 && hash == root;
}

bool proves_consistency(uint64_t old_size, const Hash& old_root, uint64_t size, const Hash& root,
                        std::span<const Hash> proof) {
  if (old_size > size) return false;
  if (old_size == size) return proof.empty() && old_root == root && (size != 0 || root == empty_root());
  if (old_size == 0) return proof.empty() && old_root == empty_root();
  Climb climb{old_size - 1, size - 1};
  while ((climb.at & 1) != 0) climb.rise();
  // The proof begins with the largest complete subtree at the old tree's end: that is the old tree where it is whole.
  Hash first = old_root;
  if (!std::has_single_bit(old_size)) {
    if (proof.empty()) return false;
    first = proof.front();
    proof = proof.subspan(1);
  }
  Hash old_hash = first, new_hash = first;
  for (const Hash& sibling : proof) {
    if (climb.last == 0) return false;
    if (climb.from_left()) {
      old_hash = node_hash(sibling, old_hash);
      new_hash = node_hash(sibling, new_hash);
      climb.skip_lonely();
    } else {
      new_hash = node_hash(new_hash, sibling);
    }
    climb.rise();
  }
  return climb.last == 0 && old_hash == old_root && new_hash == root;
}

}  // namespace harvest::proof
