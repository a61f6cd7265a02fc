#include "storage/proof/tree.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <string>

namespace harvest::proof {
namespace {

struct Part {
  uint64_t begin = 0, end = 0;
};

/// Where RFC 6962 splits a tree of n > 1 entries: the largest power of two below n.
uint64_t split(uint64_t n) {
  return std::bit_floor(n - 1);
}

absl::StatusOr<std::vector<Hash>> hashes_of(std::span<const Part> parts, const HashReader& hashes) {
  std::vector<Node> nodes;
  std::vector<size_t> counts;
  for (const Part& part : parts) {
    const std::vector<Node> covering = cover(part.begin, part.end);
    nodes.insert(nodes.end(), covering.begin(), covering.end());
    counts.push_back(covering.size());
  }
  auto read = hashes.read(nodes);
  if (!read.ok()) return read.status();
  assert(read->size() == nodes.size());
  std::vector<Hash> joined;
  std::span<const Hash> rest = *read;
  for (const size_t count : counts) {
    joined.push_back(join(rest.first(count)));
    rest = rest.subspan(count);
  }
  return joined;
}

absl::Status no_such(const char* what, uint64_t found, uint64_t size) {
  return absl::InvalidArgumentError("the log has " + std::to_string(size) + " entries: found " + what + " " +
                                    std::to_string(found));
}

}  // namespace

std::vector<Node> cover(uint64_t begin, uint64_t end) {
  std::vector<Node> nodes;
  while (begin < end) {
    const uint64_t width = std::bit_floor(end - begin);
    assert(begin % width == 0);
    const int level = std::countr_zero(width);
    nodes.push_back({level, begin >> level});
    begin += width;
  }
  return nodes;
}

Hash join(std::span<const Hash> parts) {
  if (parts.empty()) return empty_root();
  Hash hash = parts.back();
  for (size_t i = parts.size() - 1; i-- > 0;) hash = node_hash(parts[i], hash);
  return hash;
}

absl::StatusOr<Hash> root(uint64_t size, const HashReader& hashes) {
  if (size > kSizeMax) return no_such("size", size, kSizeMax);
  const Part whole{0, size};
  auto joined = hashes_of({&whole, 1}, hashes);
  if (!joined.ok()) return joined.status();
  return joined->front();
}

absl::StatusOr<std::vector<Hash>> inclusion_proof(uint64_t index, uint64_t size, const HashReader& hashes) {
  if (size > kSizeMax || index >= size) return no_such("index", index, size);
  std::vector<Part> parts;  // root's child first
  Part here{0, size};
  while (here.end - here.begin > 1) {
    const uint64_t middle = here.begin + split(here.end - here.begin);
    const Part left{here.begin, middle}, right{middle, here.end};
    const bool goes_left = index < middle;
    parts.push_back(goes_left ? right : left);
    here = goes_left ? left : right;
  }
  std::reverse(parts.begin(), parts.end());
  return hashes_of(parts, hashes);
}

absl::StatusOr<std::vector<Hash>> consistency_proof(uint64_t old_size, uint64_t size, const HashReader& hashes) {
  if (size > kSizeMax || old_size > size) return no_such("an older size", old_size, size);
  if (old_size == 0 || old_size == size) return std::vector<Hash>{};
  std::vector<Part> parts;  // root's child first
  Part here{0, size};
  while (old_size != here.end) {
    const uint64_t middle = here.begin + split(here.end - here.begin);
    const Part left{here.begin, middle}, right{middle, here.end};
    const bool goes_left = old_size <= middle;
    parts.push_back(goes_left ? right : left);
    here = goes_left ? left : right;
  }
  // A whole old tree is known to whoever asks: its root needs no saying.
  if (here.begin != 0) parts.push_back(here);
  std::reverse(parts.begin(), parts.end());
  return hashes_of(parts, hashes);
}

}  // namespace harvest::proof
