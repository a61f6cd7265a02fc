#include "storage/proof/tree.h"

#include <catch2/catch.hpp>

#include "storage/proof/proof_check.h"
#include "storage/proof/tiled_hashes.h"
#include "tests/proof/plain_tree.h"
#include "tests/proof/vectors.h"

using namespace harvest::proof;

namespace {

const char* const kLeaves[] = {"022a6979e6dab7aa5ae4c3e5e45f7e977112a7e63593820dbec1ec738a24f93c",
                               "57eb35615d47f34ec714cacdf5fd74608a5e8e102724e80b24b287c0c27b6a31",
                               "597fcb31282d34654c200d3418fca5705c648ebf326ec73d8ddef11841f876d8",
                               "d070dc5b8da9aea7dc0f5ad4c29d89965200059c9a0ceca3abd5da2492dcb71d",
                               "2824a7ccda2caa720c85c9fba1e8b5b735eecfdb03878e4f8dfe6c3625030bc4"};
const char* const kRoots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                              "022a6979e6dab7aa5ae4c3e5e45f7e977112a7e63593820dbec1ec738a24f93c",
                              "b137985ff484fb600db93107c77b0365c80d78f5b429ded0fd97361d077999eb",
                              "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1",
                              "33376a3bd63e9993708a84ddfe6c28ae58b83505dd1fed711bd924ec5a6239f0",
                              "fe14a5426fbd70c0fa73f52342afed0da0bd23c4838662ccf6b88a3070ead97b"};

std::vector<Hash> hashes_of_hex(std::initializer_list<const char*> list) {
  std::vector<Hash> hashes;
  for (const char* hex : list) hashes.push_back(from_hex(hex));
  return hashes;
}

}  // namespace

TEST_CASE("leaves and roots are those of the published vectors", "[proof]") {
  const PlainTree tree({"a", "b", "c", "d", "e"});
  const PlainHashes hashes(tree);
  for (uint64_t i = 0; i < 5; ++i) CHECK(leaf_hash(tree.entries()[i]) == from_hex(kLeaves[i]));
  for (uint64_t size = 0; size <= 5; ++size) CHECK(root(size, hashes).value() == from_hex(kRoots[size]));
  CHECK(empty_root() == from_hex(kRoots[0]));
}

TEST_CASE("proofs are those of the published vectors", "[proof]") {
  const PlainTree tree({"a", "b", "c", "d", "e"});
  const PlainHashes hashes(tree);
  CHECK(inclusion_proof(2, 5, hashes).value() == hashes_of_hex({kLeaves[3], kRoots[2], kLeaves[4]}));
  CHECK(inclusion_proof(4, 5, hashes).value() == hashes_of_hex({kRoots[4]}));
  CHECK(consistency_proof(3, 5, hashes).value() == hashes_of_hex({kLeaves[2], kLeaves[3], kRoots[2], kLeaves[4]}));
  CHECK(consistency_proof(4, 5, hashes).value() == hashes_of_hex({kLeaves[4]}));
}

TEST_CASE("the log entry of the published vector hashes to its leaf", "[proof]") {
  const std::string entry =
      R"({"commit":"sha256:6a4c68cf402faa2e7270420517d30879a934d23ebdb449fdcfc2b043d17f1a7e","licence":"LicenseRef-acme-2026","op":"record","record_id":"01J","teacher":"acme/t1"})";
  CHECK(entry.size() == 169);
  CHECK(leaf_hash(entry) == from_hex("7699f9c020f9372371db11b871e848646d14c2974897a0d9e674b60c9da44431"));
}

TEST_CASE("an entry that looks like an inner node is none", "[proof]") {
  const Hash left = leaf_hash("a"), right = leaf_hash("b");
  CHECK(leaf_hash(std::string(bytes_of(left)) + std::string(bytes_of(right))) != node_hash(left, right));
}

TEST_CASE("what a tree has not is refused with figures", "[proof]") {
  const PlainTree tree = PlainTree::of(4);
  const PlainHashes hashes(tree);
  CHECK(inclusion_proof(4, 4, hashes).status().message() == "the log has 4 entries: found index 4");
  CHECK(inclusion_proof(0, 0, hashes).status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(consistency_proof(5, 4, hashes).status().message() == "the log has 4 entries: found an older size 5");
  CHECK(consistency_proof(0, kSizeMax + 1, hashes).status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(root(kSizeMax + 1, hashes).status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("a tree is covered by as many parts as its size has ones", "[proof]") {
  CHECK(cover(0, 0).empty());
  CHECK(cover(0, 6) == std::vector<Node>{{2, 0}, {1, 2}});
  CHECK(cover(4, 7) == std::vector<Node>{{1, 2}, {0, 6}});
  CHECK(cover(0, kSizeMax).size() == 63);
}
