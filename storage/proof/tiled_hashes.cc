#include "storage/proof/tiled_hashes.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace harvest::proof {
namespace {

/// The hashes of one tile that a node is made of.
struct Slice {
  size_t tile = 0;  ///< place in the list of tiles
  uint64_t begin = 0;
  uint64_t count = 0;
};

}  // namespace

absl::StatusOr<std::vector<Hash>> TiledHashes::read(std::span<const Node> nodes) const {
  std::vector<Tile> wanted;
  std::vector<Slice> slices;
  for (const Node& node : nodes) {
    const int level = node.level / kTileHeight;
    const uint64_t count = uint64_t{1} << (node.level % kTileHeight);
    const uint64_t first = node.index * count;
    const uint64_t index = first / kTileWidth;
    const Tile tile{level, index, tile_width(level, index, size_)};
    if (tile.width < first % kTileWidth + count)
      return absl::InvalidArgumentError("the log of " + std::to_string(size_) + " entries has no node " +
                                        std::to_string(node.index) + " of level " + std::to_string(node.level));
    const auto found = std::find(wanted.begin(), wanted.end(), tile);
    slices.push_back({static_cast<size_t>(found - wanted.begin()), first % kTileWidth, count});
    if (found == wanted.end()) wanted.push_back(tile);
  }
  if (wanted.empty()) return std::vector<Hash>{};
  auto tiles = tiles_.read(wanted);
  if (!tiles.ok()) return tiles.status();
  assert(tiles->size() == wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i)
    if ((*tiles)[i].size() != wanted[i].width * sizeof(Hash))
      return absl::DataLossError(tile_path(wanted[i]) + ": expected " + std::to_string(wanted[i].width * sizeof(Hash)) +
                                 " bytes, found " + std::to_string((*tiles)[i].size()));
  std::vector<Hash> hashes;
  for (const Slice& slice : slices) {
    std::vector<Hash> part;
    for (uint64_t i = slice.begin; i < slice.begin + slice.count; ++i)
      part.push_back(hash_of_bytes(std::string_view((*tiles)[slice.tile]).substr(i * sizeof(Hash), sizeof(Hash))));
    hashes.push_back(complete_root(std::move(part)));
  }
  return hashes;
}

Hash complete_root(std::vector<Hash> hashes) {
  assert(std::has_single_bit(hashes.size()));
  for (size_t count = hashes.size(); count > 1; count /= 2)
    for (size_t i = 0; i < count / 2; ++i) hashes[i] = node_hash(hashes[2 * i], hashes[2 * i + 1]);
  return hashes.front();
}

}  // namespace harvest::proof
