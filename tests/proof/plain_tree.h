#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/proof/hash.h"
#include "storage/proof/tiled_hashes.h"
#include "storage/proof/tree.h"

namespace harvest::proof {

/// RFC 6962's definitions word by word, with nothing stored and nothing clever: what the house's tree is judged by.
class PlainTree {
 public:
  explicit PlainTree(std::vector<std::string> entries) : entries_(std::move(entries)) {}
  /// `size` entries that differ.
  static PlainTree of(uint64_t size) {
    std::vector<std::string> entries;
    for (uint64_t i = 0; i < size; ++i) entries.push_back("entry " + std::to_string(i));
    return PlainTree(std::move(entries));
  }

  const std::vector<std::string>& entries() const { return entries_; }
  uint64_t size() const { return entries_.size(); }
  Hash leaf(uint64_t index) const { return leaf_hash(entries_[index]); }
  Hash root(uint64_t size) const { return root(0, size); }
  std::vector<Hash> path(uint64_t index, uint64_t size) const { return path(index, 0, size); }
  std::vector<Hash> consistency(uint64_t old_size, uint64_t size) const { return sub(old_size, 0, size, true); }

  /// MTH(D[begin:end]); remembered, as tests ask for the same parts again and again.
  Hash root(uint64_t begin, uint64_t end) const {
    if (begin == end) return sha256("");
    if (end - begin == 1) return leaf(begin);
    if (const auto found = known_.find({begin, end}); found != known_.end()) return found->second;
    const uint64_t middle = begin + split(end - begin);
    return known_[{begin, end}] = node_hash(root(begin, middle), root(middle, end));
  }

 private:
  static uint64_t split(uint64_t n) {
    uint64_t k = 1;
    while (k * 2 < n) k *= 2;
    return k;
  }
  std::vector<Hash> path(uint64_t index, uint64_t begin, uint64_t end) const {
    if (end - begin == 1) return {};
    const uint64_t middle = begin + split(end - begin);
    std::vector<Hash> hashes = index < middle ? path(index, begin, middle) : path(index, middle, end);
    hashes.push_back(index < middle ? root(middle, end) : root(begin, middle));
    return hashes;
  }
  std::vector<Hash> sub(uint64_t old_size, uint64_t begin, uint64_t end, bool whole) const {
    if (old_size == end) return whole ? std::vector<Hash>{} : std::vector<Hash>{root(begin, end)};
    const uint64_t middle = begin + split(end - begin);
    if (old_size <= middle) {
      std::vector<Hash> hashes = sub(old_size, begin, middle, whole);
      hashes.push_back(root(middle, end));
      return hashes;
    }
    std::vector<Hash> hashes = sub(old_size, middle, end, false);
    hashes.push_back(root(begin, middle));
    return hashes;
  }

  std::vector<std::string> entries_;
  mutable std::map<std::pair<uint64_t, uint64_t>, Hash> known_;
};

/// Every subtree's hash, as a PlainTree has it.
class PlainHashes : public HashReader {
 public:
  explicit PlainHashes(const PlainTree& tree) : tree_(tree) {}
  absl::StatusOr<std::vector<Hash>> read(std::span<const Node> nodes) const override {
    std::vector<Hash> hashes;
    for (const Node& node : nodes)
      hashes.push_back(tree_.root(node.index << node.level, (node.index + 1) << node.level));
    return hashes;
  }

 private:
  const PlainTree& tree_;
};

/// Its tiles.
class PlainTiles : public TileReader {
 public:
  explicit PlainTiles(const PlainTree& tree) : tree_(tree) {}
  absl::StatusOr<std::vector<std::string>> read(std::span<const Tile> tiles) const override {
    std::vector<std::string> all;
    for (const Tile& tile : tiles) {
      std::string bytes;
      const int shift = tile.level * kTileHeight;
      for (uint64_t i = tile.index * kTileWidth; i < tile.index * kTileWidth + tile.width; ++i)
        bytes += bytes_of(tree_.root(i << shift, (i + 1) << shift));
      all.push_back(std::move(bytes));
    }
    read_ += tiles.size();
    return all;
  }
  size_t tiles_read() const { return read_; }

 private:
  const PlainTree& tree_;
  mutable size_t read_ = 0;
};

}  // namespace harvest::proof
