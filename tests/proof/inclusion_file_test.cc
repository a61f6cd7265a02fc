#include "storage/proof/inclusion_file.h"

#include <catch2/catch.hpp>

#include "storage/proof/note.h"
#include "tests/proof/plain_tree.h"
#include "tests/proof/vectors.h"

using namespace harvest::proof;

namespace {

Trust vector_trust() {
  return {{vector_key().verifier()}, {}, 0};
}

}  // namespace

TEST_CASE("the published proof file holds and is what we write", "[proof]") {
  const InclusionFile file = parse_inclusion_file(kVectorProof).value();
  CHECK(file.index == 2);
  CHECK_FALSE(file.extra);
  CHECK(file.checkpoint == kVectorCheckpoint);
  CHECK(inclusion_file_text(file) == kVectorProof);
  CHECK(check_inclusion(file, "c", vector_trust()).value().checkpoint.size == 5);
  CHECK(check_inclusion(file, "d", vector_trust()).status().message() ==
        "proof: the path does not lead from the entry, as number 2, to the root of the checkpoint's 5 entries");

  const PlainTree tree({"a", "b", "c", "d", "e"});
  const InclusionFile ours{std::nullopt, 2, inclusion_proof(2, 5, PlainHashes(tree)).value(),
                           signed_checkpoint({"harvest.example/log", 5, tree.root(5), {}}, vector_key())};
  CHECK(inclusion_file_text(ours) == kVectorProof);
}

TEST_CASE("extra data and empty paths read back", "[proof]") {
  const PlainTree tree({"a"});
  const InclusionFile file{"a", 0, {}, signed_checkpoint({"harvest.example/log", 1, tree.root(1), {}}, vector_key())};
  const InclusionFile read = parse_inclusion_file(inclusion_file_text(file)).value();
  CHECK(read.extra == "a");
  CHECK(read.hashes.empty());
  CHECK(check_inclusion(read, *read.extra, vector_trust()).ok());
}

TEST_CASE("malformed proof files are refused", "[proof]") {
  const std::string rest = kVectorProof.substr(kVectorProof.find("index"));
  const std::string magic = "c2sp.org/tlog-proof@v1\n";
  REQUIRE(parse_inclusion_file(magic + rest).ok());
  for (const std::string& text :
       {std::string(), "c2sp.org/tlog-proof@v2\n" + rest, magic, magic + "extra !\n" + rest,
        magic + "extra YQ\n" + rest, magic + "extra YQ==\nextra YQ==\n" + rest, magic + "index\n\n",
        magic + "index 02\n\n", magic + "index -1\n\n", magic + "index 2\n", magic + "index 2\nnothash\n\n",
        magic + "index 2\r\n\n", "\n" + magic + rest}) {
    INFO(text);
    CHECK(parse_inclusion_file(text).status().code() == absl::StatusCode::kInvalidArgument);
  }
  std::string long_path = magic + "index 2\n";
  for (size_t i = 0; i <= kInclusionHashesMax; ++i) long_path += "0HDcW42prqfcD1rUwp2JllIABZyaDOyjq9XaJJLctx0=\n";
  CHECK_FALSE(parse_inclusion_file(long_path + "\n" + kVectorCheckpoint).ok());
  CHECK_FALSE(parse_inclusion_file(magic + "extra " + std::string(2 << 20, 'A') + "\n" + rest).ok());
}
