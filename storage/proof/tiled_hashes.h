#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/proof/tile.h"
#include "storage/proof/tree.h"

namespace harvest::proof {

/// Tiles, from wherever they rest.
class TileReader {
 public:
  virtual ~TileReader() = default;
  /// One text of `width`·32 bytes for each tile, in this order.
  virtual absl::StatusOr<std::vector<std::string>> read(std::span<const Tile> tiles) const = 0;
};

/// Hashes of complete subtrees out of tiles: those between the levels that tiles keep are made anew, from at most 256
/// hashes each. A proof of any size reads a tile a level, three in a log of ten million.
///
/// Nothing is authenticated here: what is made of the hashes is checked against a signed root (proof_check.h).
/// A tile of another length than asked for is DATA_LOSS, by its path.
class TiledHashes : public HashReader {
 public:
  /// `tiles` outlives it; it holds the log of at least `size`.
  TiledHashes(uint64_t size, const TileReader& tiles) : size_(size), tiles_(tiles) {}
  absl::StatusOr<std::vector<Hash>> read(std::span<const Node> nodes) const override;

 private:
  uint64_t size_;
  const TileReader& tiles_;
};

/// The root of the complete subtree over these hashes; their number is a power of two.
Hash complete_root(std::vector<Hash> hashes);

}  // namespace harvest::proof
