#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/proof/hash.h"

/// RFC 6962's tree over entries 0, 1, 2, …: roots and proofs from the hashes of complete subtrees.
///
///     a tree of 6            [4,6) = level 1, index 2
///           *                Its left part is complete for good; entries that come later change only
///        *     \             what stands to the right of it. So a complete subtree's hash is stored once
///      *   *    *            (right_edge.h, tile.h), and every root and proof of any size is made of few of them.
///     0 1 2 3  4 5
///
/// Pure arithmetic; what is read comes through a HashReader: of a store, of files, of a test. Sizes up to 2^63 - 1.
namespace harvest::proof {

inline constexpr uint64_t kSizeMax = (uint64_t{1} << 63) - 1;

/// A complete subtree: entries [index << level, (index + 1) << level).
struct Node {
  int level = 0;
  uint64_t index = 0;
  bool operator==(const Node&) const = default;
};

/// Hashes of complete subtrees.
class HashReader {
 public:
  virtual ~HashReader() = default;
  /// One hash for each node, in this order. All that a proof needs is asked for at once.
  virtual absl::StatusOr<std::vector<Hash>> read(std::span<const Node> nodes) const = 0;
};

/// The complete subtrees that [begin, end) falls into, left to right, sizes falling. `begin` is a multiple of the
/// largest of them: so it is for every part that RFC 6962 splits a tree into.
std::vector<Node> cover(uint64_t begin, uint64_t end);

/// The hash of such a part, from those of its cover().
Hash join(std::span<const Hash> parts);

// Errors are the reader's, or INVALID_ARGUMENT where the tree has no such entry or size.
absl::StatusOr<Hash> root(uint64_t size, const HashReader& hashes);
/// The path from entry `index` to the root of the tree of `size`: the leaf's sibling first.
absl::StatusOr<std::vector<Hash>> inclusion_proof(uint64_t index, uint64_t size, const HashReader& hashes);
/// That the tree of `size` begins with that of `old_size`. Empty where they are the same, or the old one is empty.
absl::StatusOr<std::vector<Hash>> consistency_proof(uint64_t old_size, uint64_t size, const HashReader& hashes);

}  // namespace harvest::proof
