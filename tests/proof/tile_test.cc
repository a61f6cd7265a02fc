#include "storage/proof/tile.h"

#include <catch2/catch.hpp>
#include <random>

#include "storage/proof/tiled_hashes.h"
#include "tests/proof/plain_tree.h"
#include "tests/proof/vectors.h"

using namespace harvest::proof;

TEST_CASE("paths of tiles are those of the specification", "[proof]") {
  CHECK(tile_path({0, 1'234'067, 256}) == "tile/0/x001/x234/067");
  CHECK(tile_path({0, 0, 5}) == "tile/0/000.p/5");
  CHECK(tile_path({2, 273, 1}) == "tile/2/273.p/1");
  CHECK(tile_path({1, 1000, 256}) == "tile/1/x001/000");
  CHECK(bundle_path(1'234'067, 256) == "tile/entries/x001/x234/067");
  CHECK(bundle_path(273, 112) == "tile/entries/273.p/112");
}

TEST_CASE("a path reads back as the tile that it names", "[proof]") {
  std::mt19937_64 random(3);
  for (int round = 0; round < 3000; ++round) {
    const uint64_t index = random() >> (4 + random() % 60) >> 8;
    const Tile tile{static_cast<int>(random() % 64), index, 1 + random() % 256};
    const auto read = read_tile_path(tile_path(tile));
    REQUIRE(read);
    REQUIRE(read->tile == tile);
    REQUIRE_FALSE(read->entries);
    const auto bundle = read_tile_path(bundle_path(index, tile.width));
    REQUIRE(bundle);
    REQUIRE(bundle->entries);
    REQUIRE(bundle->tile == Tile{0, index, tile.width});
  }
}

TEST_CASE("a path that is spelled otherwise names nothing", "[proof]") {
  for (const char* path : {"",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "tile/0/00",
                           "tile/0/0000",
                           "tile/0/x000/001",
                           "tile/0/001/002",
                           "tile/0/x001/x002",
                           "tile/0/x001//002",
                           "tile/00/000",
                           "tile/64/000",
                           "tile/-1/000",
                           "tile/+1/000",
                           "tile/0/000.p/0",
                           "tile/0/000.p/256",
                           "tile/0/000.p/05",
                           "tile/0/000.p/",
                           "tile/0/000.p",
                           "tile/0/000.p/5/",
                           "tile/0/000.p/5.p/5",
                           "/tile/0/000",
                           "tile/0/000 ",
                           "tile/0/%30%30%30",
                           "tile/0/../000",
                           "tile/entries",
                           "tile/entries/",
                           "tile/Entries/000",
                           "tile/8/0/000",
                           "tile/0/x999/x999/x999/x999/x999/x999/x999/999"})
    CHECK_FALSE(read_tile_path(path));
}

TEST_CASE("a log of 70 000 has the tiles that the specification counts", "[proof]") {
  std::map<int, std::pair<uint64_t, uint64_t>> counts;  // level: full ones, width of the partial one
  for (const Tile& tile : tiles(70'000)) {
    if (tile.width == kTileWidth)
      ++counts[tile.level].first;
    else
      counts[tile.level].second = tile.width;
  }
  CHECK(counts == std::map<int, std::pair<uint64_t, uint64_t>>{{0, {273, 112}}, {1, {1, 17}}, {2, {0, 1}}});
  CHECK(tiles(256) == std::vector<Tile>{{0, 0, 256}, {1, 0, 1}});
  CHECK(tiles(0).empty());
  CHECK(tile_width(0, 273, 70'000) == 112);
  CHECK(tile_width(0, 274, 70'000) == 0);
  CHECK(tile_width(0, 1, 256) == 0);
  CHECK(tile_width(9, 0, 70'000) == 0);
  CHECK(tile_width(7, 0, kSizeMax) == 127);
  CHECK(tile_width(7, 1, kSizeMax) == 0);
}

TEST_CASE("tile and bundle of the published vectors", "[proof]") {
  const PlainTree tree({"a", "b", "c", "d", "e"});
  const std::vector<Tile> wanted{{0, 0, 5}};
  const std::string bytes = PlainTiles(tree).read(wanted).value().front();
  CHECK(bytes.size() == 160);
  CHECK(sha256(bytes) == from_hex("0892b194597bdf75ec90e192dbe24538440fec0548d7cb37709392d2727ac2f4"));
  std::string bundle;
  for (const std::string& entry : tree.entries()) append_to_bundle(bundle, entry);
  CHECK(absl::BytesToHexString(bundle) == "000161000162000163000164000165");
  const auto entries = read_bundle(bundle, 5).value();
  CHECK(std::vector<std::string>(entries.begin(), entries.end()) == tree.entries());
}

TEST_CASE("a bundle holds what was promised or is refused", "[proof]") {
  std::string bundle;
  append_to_bundle(bundle, std::string(kEntryBytesMax, 'x'));
  append_to_bundle(bundle, "");
  CHECK(read_bundle(bundle, 2).value()[0].size() == kEntryBytesMax);
  CHECK(read_bundle(bundle, 2).value()[1].empty());
  CHECK_FALSE(read_bundle(bundle, 1).ok());
  CHECK_FALSE(read_bundle(bundle, 3).ok());
  CHECK_FALSE(read_bundle(bundle + '\0', 3).ok());
  CHECK_FALSE(read_bundle(bundle.substr(0, 100), 1).ok());
  CHECK(read_bundle("", 0).ok());
}

namespace {

/// Tiles of which one is a byte short.
class ShortTiles : public TileReader {
 public:
  absl::StatusOr<std::vector<std::string>> read(std::span<const Tile> tiles) const override {
    std::vector<std::string> all;
    for (const Tile& tile : tiles) all.emplace_back(tile.width * 32 - 1, 'x');
    return all;
  }
};

}  // namespace

TEST_CASE("a tile of another length is found by its path", "[proof]") {
  const auto status = root(300, TiledHashes(300, ShortTiles())).status();
  CHECK(status.code() == absl::StatusCode::kDataLoss);
  CHECK(status.message() == "tile/1/000.p/1: expected 32 bytes, found 31");
}

TEST_CASE("a node beyond the log is refused and not made up", "[proof]") {
  const PlainTree tree = PlainTree::of(300);
  const PlainTiles tiles(tree);
  for (const Node node : {Node{0, 300}, Node{8, 1}, Node{5, 9}, Node{62, 0}}) {
    const std::vector<Node> nodes{node};
    CHECK(TiledHashes(300, tiles).read(nodes).status().code() == absl::StatusCode::kInvalidArgument);
  }
}
