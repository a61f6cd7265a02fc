#include "storage/proof/right_edge.h"

#include <cassert>
#include <utility>

namespace harvest::proof {

absl::StatusOr<RightEdge> RightEdge::load(uint64_t size, const HashReader& hashes) {
  auto edge = hashes.read(cover(0, size));
  if (!edge.ok()) return edge.status();
  RightEdge loaded;
  loaded.size_ = size;
  loaded.edge_ = *std::move(edge);
  return loaded;
}

void RightEdge::append(const Hash& leaf, absl::FunctionRef<void(const Node&, const Hash&)> finished) {
  assert(size_ < kSizeMax);
  Hash hash = leaf;
  int level = 0;
  // As in counting: every low one bit of the size is a subtree that the new one joins.
  for (uint64_t index = size_; (index & 1) != 0; index >>= 1) {
    hash = node_hash(edge_.back(), hash);
    edge_.pop_back();
    finished({++level, index >> 1}, hash);
  }
  edge_.push_back(hash);
  ++size_;
}

}  // namespace harvest::proof
