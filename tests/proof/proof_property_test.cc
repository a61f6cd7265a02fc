// Trees, proofs and tiles of thousands of sizes, judged by RFC 6962's definitions and by each other.
#include <catch2/catch.hpp>
#include <random>

#include "storage/proof/proof_check.h"
#include "storage/proof/tiled_hashes.h"
#include "tests/proof/plain_tree.h"
#include "tests/scale.h"

using namespace harvest::proof;

namespace {

uint64_t drawn(std::mt19937_64& random, uint64_t below) {
  return std::uniform_int_distribution<uint64_t>(0, below - 1)(random);
}

/// One bit of one hash is another.
std::vector<Hash> bent(std::vector<Hash> proof, std::mt19937_64& random) {
  proof[drawn(random, proof.size())][drawn(random, 32)] ^= static_cast<uint8_t>(1 << drawn(random, 8));
  return proof;
}

void check_inclusion_of(const PlainTree& tree, uint64_t index, uint64_t size, const HashReader& hashes,
                        std::mt19937_64& random) {
  INFO("entry " << index << " of " << size);
  const Hash root = tree.root(size), leaf = tree.leaf(index);
  std::vector<Hash> proof = inclusion_proof(index, size, hashes).value();
  REQUIRE(proof == tree.path(index, size));
  REQUIRE(proves_inclusion(leaf, index, size, proof, root));
  REQUIRE_FALSE(proves_inclusion(leaf_hash("other"), index, size, proof, root));
  REQUIRE_FALSE(proves_inclusion(leaf, index, size, proof, leaf_hash("other")));
  REQUIRE_FALSE(proves_inclusion(leaf, size, size, proof, root));
  // Another place has another path, up to what no hash tells apart: the same turns on a way of the same length.
  if (size > 1) {
    REQUIRE_FALSE(proves_inclusion(leaf, index ^ 1, size, proof, root));
    REQUIRE_FALSE(proves_inclusion(leaf, index, size, bent(proof, random), root));
    proof.pop_back();
    REQUIRE_FALSE(proves_inclusion(leaf, index, size, proof, root));
  }
  proof.push_back(leaf);
  proof.push_back(leaf);
  REQUIRE_FALSE(proves_inclusion(leaf, index, size, proof, root));
}

void check_consistency_of(const PlainTree& tree, uint64_t old_size, uint64_t size, const HashReader& hashes,
                          std::mt19937_64& random) {
  INFO(old_size << " to " << size);
  const Hash old_root = tree.root(old_size), root = tree.root(size);
  std::vector<Hash> proof = consistency_proof(old_size, size, hashes).value();
  if (old_size > 0) REQUIRE(proof == tree.consistency(old_size, size));
  REQUIRE(proves_consistency(old_size, old_root, size, root, proof));
  REQUIRE_FALSE(proves_consistency(old_size, leaf_hash("forked"), size, root, proof));
  if (old_size > 0) REQUIRE_FALSE(proves_consistency(old_size, old_root, size, leaf_hash("forked"), proof));
  if (old_size < size) REQUIRE_FALSE(proves_consistency(size, root, old_size, old_root, proof));
  if (!proof.empty()) {
    REQUIRE_FALSE(proves_consistency(old_size, old_root, size, root, bent(proof, random)));
    std::vector<Hash> shorter = proof;
    shorter.pop_back();
    REQUIRE_FALSE(proves_consistency(old_size, old_root, size, root, shorter));
  }
  proof.push_back(root);
  REQUIRE_FALSE(proves_consistency(old_size, old_root, size, root, proof));
}

}  // namespace

TEST_CASE("every proof of every small tree holds and no other does", "[proof]") {
  const PlainTree tree = PlainTree::of(70);
  const PlainHashes hashes(tree);
  std::mt19937_64 random(1);
  for (uint64_t size = 0; size <= tree.size(); ++size) {
    REQUIRE(root(size, hashes).value() == tree.root(size));
    for (uint64_t index = 0; index < size; ++index) check_inclusion_of(tree, index, size, hashes, random);
    for (uint64_t old_size = 0; old_size <= size; ++old_size)
      check_consistency_of(tree, old_size, size, hashes, random);
  }
}

TEST_CASE("proofs from tiles hold at thousands of sizes", "[proof]") {
  const PlainTree tree = PlainTree::of(70'000);  // three levels of tiles
  const PlainTiles tiles(tree);
  std::mt19937_64 random(2);
  const int rounds = static_cast<int>(3000 * harvest::testing::scale());
  for (int round = 0; round < rounds; ++round) {
    // Half of them near where tiles and levels of tiles begin.
    uint64_t size = 1 + drawn(random, tree.size());
    if (round % 2 == 0) size = std::min<uint64_t>(tree.size(), std::max<uint64_t>(1, size / 256 * 256 + round % 6 - 2));
    const TiledHashes hashes(size, tiles);
    REQUIRE(root(size, hashes).value() == tree.root(size));
    check_inclusion_of(tree, drawn(random, size), size, hashes, random);
    check_consistency_of(tree, drawn(random, size + 1), size, hashes, random);
  }
}

TEST_CASE("a proof reads a few tiles whatever the size", "[proof]") {
  const PlainTree tree = PlainTree::of(70'000);
  const PlainTiles tiles(tree);
  REQUIRE(inclusion_proof(12'345, 70'000, TiledHashes(70'000, tiles)).ok());
  CHECK(tiles.tiles_read() <= 5);
}
