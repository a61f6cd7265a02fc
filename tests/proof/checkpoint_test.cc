#include "storage/proof/checkpoint.h"

#include <catch2/catch.hpp>

#include "storage/proof/base64.h"
#include "tests/proof/plain_tree.h"
#include "tests/proof/vectors.h"

using namespace harvest::proof;

namespace {

Checkpoint vector_checkpoint() {
  return {"harvest.example/log", 5, PlainTree({"a", "b", "c", "d", "e"}).root(5), {}};
}

Trust trusting(std::vector<VerifierKey> logs, std::vector<VerifierKey> witnesses = {}, size_t needed = 0) {
  return {std::move(logs), std::move(witnesses), needed};
}

}  // namespace

TEST_CASE("the signed checkpoint is that of the published vector", "[proof]") {
  CHECK(signed_checkpoint(vector_checkpoint(), vector_key()) == kVectorCheckpoint);
  const auto open = open_checkpoint(kVectorCheckpoint, trusting({vector_key().verifier()}));
  REQUIRE(open.ok());
  CHECK(open->checkpoint == vector_checkpoint());
}

TEST_CASE("a checkpoint's text reads back and lines of others are kept", "[proof]") {
  Checkpoint checkpoint = vector_checkpoint();
  checkpoint.extensions = {"more", "lines"};
  CHECK(parse_checkpoint(checkpoint_text(checkpoint)).value() == checkpoint);
  const Checkpoint empty{"log", 0, empty_root(), {}};
  CHECK(parse_checkpoint(checkpoint_text(empty)).value() == empty);
}

TEST_CASE("malformed checkpoints are refused by line", "[proof]") {
  const std::string hash = base64(sha256("x"));
  const auto message = [](const std::string& text) { return std::string(parse_checkpoint(text).status().message()); };
  CHECK(message("log\n5\n").find("three lines") != std::string::npos);
  CHECK(message("\n5\n" + hash + "\n").find("line 1") != std::string::npos);
  for (const char* size : {"", "05", "-1", "+5", " 5", "5 ", "0x5", "9223372036854775808", "99999999999999999999"})
    CHECK(message("log\n" + std::string(size) + "\n" + hash + "\n").find("line 2") != std::string::npos);
  CHECK(message("log\n5\n" + hash + "=\n").find("line 3") != std::string::npos);
  CHECK(message("log\n0\n" + hash + "\n").find("line 3") != std::string::npos);
  CHECK(message("log\n5\n" + hash + "\n\n").find("a further line") != std::string::npos);
  CHECK(message("log\n5\n" + hash + "\nmore").find("last line") != std::string::npos);
  CHECK(parse_checkpoint("log\n9223372036854775807\n" + hash + "\n").ok());
}

TEST_CASE("a checkpoint is its own log's or nobody's", "[proof]") {
  const SignerKey other("other.example/log", KeyType::kEd25519, Seed(counting_bytes(64)));
  // Known is the other log's key, and it has signed: under a name that is not its own.
  Note note{checkpoint_text(vector_checkpoint()), {}};
  note.signatures = {sign_note(other, note.text)};
  CHECK(open_checkpoint(note_bytes(note), trusting({other.verifier()})).status().message().find("no known key is of") !=
        std::string::npos);
  CHECK_FALSE(open_checkpoint(note_bytes(note), trusting({vector_key().verifier(), other.verifier()})).ok());
}

TEST_CASE("after a change of keys old and new checkpoints are opened with both", "[proof]") {
  const SignerKey newer("harvest.example/log", KeyType::kEd25519, Seed(counting_bytes(96)));
  const Trust both = trusting({vector_key().verifier(), newer.verifier()});
  CHECK(open_checkpoint(kVectorCheckpoint, both).ok());
  CHECK(open_checkpoint(signed_checkpoint(vector_checkpoint(), newer), both).ok());
  CHECK_FALSE(open_checkpoint(kVectorCheckpoint, trusting({newer.verifier()})).ok());
}

TEST_CASE("as many witnesses as are needed have cosigned or it is refused", "[proof]") {
  const SignerKey log = vector_key(), witness = witness_key();
  const SignerKey second("witness.example/w2", KeyType::kCosignature, Seed(counting_bytes(80)));
  Note note{checkpoint_text(vector_checkpoint()), {}};
  note.signatures = {sign_note(log, note.text), cosign_note(witness, note.text, 9),
                     cosign_note(witness, note.text, 10)};
  const std::vector<VerifierKey> witnesses{witness.verifier(), second.verifier()};
  const auto open = open_checkpoint(note_bytes(note), trusting({log.verifier()}, witnesses, 1));
  REQUIRE(open.ok());
  REQUIRE(open->witnesses.size() == 1);
  CHECK(open->witnesses[0].key == witness.verifier());
  CHECK(open->witnesses[0].time_s == 9);
  // One witness twice is one.
  CHECK(open_checkpoint(note_bytes(note), trusting({log.verifier()}, witnesses, 2)).status().message() ==
        R"(checkpoint of "harvest.example/log": expected 2 known witnesses, found 1)");
  // Witnesses without the log are nothing.
  note.signatures.erase(note.signatures.begin());
  CHECK_FALSE(open_checkpoint(note_bytes(note), trusting({log.verifier()}, witnesses, 1)).ok());
  // A log's own key is no witness of it.
  note.signatures = {sign_note(log, note.text)};
  CHECK_FALSE(open_checkpoint(note_bytes(note), trusting({log.verifier()}, {log.verifier()}, 1)).ok());
}
