#include "storage/proof/right_edge.h"

#include <catch2/catch.hpp>
#include <map>

#include "storage/proof/tiled_hashes.h"
#include "tests/proof/plain_tree.h"

using namespace harvest::proof;

TEST_CASE("a growing tree has the roots of the definition at every size", "[proof]") {
  const PlainTree tree = PlainTree::of(3000);
  RightEdge edge;
  CHECK(edge.root() == empty_root());
  for (uint64_t size = 1; size <= tree.size(); ++size) {
    edge.append(tree.leaf(size - 1));
    REQUIRE(edge.size() == size);
    REQUIRE(edge.root() == tree.root(size));
  }
}

TEST_CASE("every complete subtree is told of once with its hash", "[proof]") {
  const PlainTree tree = PlainTree::of(1000);
  std::map<std::pair<int, uint64_t>, Hash> told;
  RightEdge edge;
  for (uint64_t i = 0; i < tree.size(); ++i)
    edge.append(tree.leaf(i), [&](const Node& node, const Hash& hash) {
      REQUIRE(told.emplace(std::pair(node.level, node.index), hash).second);
      REQUIRE((node.index + 1) << node.level == i + 1);
    });
  size_t expected = 0;
  for (int level = 1; (tree.size() >> level) > 0; ++level)
    for (uint64_t index = 0; index < tree.size() >> level; ++index, ++expected)
      REQUIRE(told.at({level, index}) == tree.root(index << level, (index + 1) << level));
  CHECK(told.size() == expected);
}

TEST_CASE("an edge that was read grows as one that was kept", "[proof]") {
  const PlainTree tree = PlainTree::of(1400);
  const PlainTiles tiles(tree);
  RightEdge kept;
  for (uint64_t size = 0; size < tree.size(); ++size) {
    RightEdge read = RightEdge::load(size, TiledHashes(size, tiles)).value();
    REQUIRE(read == kept);
    read.append(tree.leaf(size));
    kept.append(tree.leaf(size));
    REQUIRE(read == kept);
  }
}
