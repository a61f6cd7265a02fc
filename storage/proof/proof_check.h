#pragma once

#include <cstdint>
#include <span>

#include "storage/proof/hash.h"

/// Whether proofs lead where they claim (RFC 9162, sections 2.1.3.2 and 2.1.4.2). Needs nothing but the proof: no
/// tree, no log, no trust in who made it.
namespace harvest::proof {

/// Is `leaf` (a leaf_hash) entry `index` of the tree of `size` with this root?
bool proves_inclusion(const Hash& leaf, uint64_t index, uint64_t size, std::span<const Hash> proof, const Hash& root);

/// Does the tree of `size` begin with the tree of `old_size`? An empty old tree is the beginning of every other; the
/// same size must have the same root.
bool proves_consistency(uint64_t old_size, const Hash& old_root, uint64_t size, const Hash& root,
                        std::span<const Hash> proof);

}  // namespace harvest::proof
