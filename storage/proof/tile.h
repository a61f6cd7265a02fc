#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

/// Tiles: the tree cut into pieces of 256 hashes that never change, so that it can be served and kept as files
/// (c2sp.org/tlog-tiles). Tile n of level l holds the hashes of tree level 8·l from n·256 on; level 0 those of the
/// entries themselves. The last tile of a level is *partial* until it is full, and its width is part of its name.
namespace harvest::proof {

inline constexpr int kTileHeight = 8;
inline constexpr uint64_t kTileWidth = uint64_t{1} << kTileHeight;
inline constexpr int kTileLevelMax = 63;
/// Bundles state each entry's length in two bytes.
inline constexpr size_t kEntryBytesMax = 65'535;

struct Tile {
  int level = 0;
  uint64_t index = 0;
  uint64_t width = kTileWidth;  ///< 1 to 256
  bool operator==(const Tile&) const = default;
};

/// How many hashes tile `index` of `level` holds in the log of `size`: 0 where there is no such tile.
uint64_t tile_width(int level, uint64_t index, uint64_t size);

/// Every tile of the log of `size`, level by level. Grows with the log: for exports and checks, not for proofs.
std::vector<Tile> tiles(uint64_t size);

/// "tile/0/x001/x234/067.p/5", below the log's address.
std::string tile_path(const Tile& tile);
/// "tile/entries/x001/x234/067.p/5": the entries of a tile of level 0.
std::string bundle_path(uint64_t index, uint64_t width);

/// What such a path names.
struct TilePath {
  Tile tile;
  bool entries = false;  ///< a bundle; its tile is of level 0
};
/// Nothing where `path` is not spelled as above, to the byte: one address per tile.
std::optional<TilePath> read_tile_path(std::string_view path);

/// Appends one entry to a bundle; it has at most kEntryBytesMax bytes.
void append_to_bundle(std::string& bundle, std::string_view entry);
/// Exactly `width` entries, which point into `bundle`. INVALID_ARGUMENT says what was found.
absl::StatusOr<std::vector<std::string_view>> read_bundle(std::string_view bundle, uint64_t width);

}  // namespace harvest::proof
