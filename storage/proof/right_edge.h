#pragma once

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "storage/proof/hash.h"
#include "storage/proof/tree.h"

namespace harvest::proof {

/// A growing tree's size and the hashes that its next entries need: at most 63, whatever the size. Appending costs a
/// leaf hash and one node hash on average; nothing is read.
///
/// A value: copy it, append to the copy, and keep whichever of both came true. Plain data, no thread of its own.
class RightEdge {
 public:
  /// The empty tree.
  RightEdge() = default;
  /// The tree of `size`, whose edge is read. Errors are the reader's.
  static absl::StatusOr<RightEdge> load(uint64_t size, const HashReader& hashes);

  uint64_t size() const { return size_; }
  Hash root() const { return join(edge_); }

  /// `finished` hears of each subtree of more than one entry that the leaf completes, the smallest first: they never
  /// change again, so whoever stores the tree writes the levels that it keeps.
  void append(const Hash& leaf, absl::FunctionRef<void(const Node&, const Hash&)> finished);
  void append(const Hash& leaf) {
    append(leaf, [](const Node&, const Hash&) {});
  }

  bool operator==(const RightEdge&) const = default;

 private:
  uint64_t size_ = 0;
  std::vector<Hash> edge_;  // hashes of cover(0, size_)
};

}  // namespace harvest::proof
