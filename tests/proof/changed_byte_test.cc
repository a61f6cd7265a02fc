// Proofs, notes and envelopes of which any one byte is another: each is refused.
#include <catch2/catch.hpp>
#include <functional>

#include "storage/proof/envelope.h"
#include "storage/proof/inclusion_file.h"
#include "storage/proof/statement.h"
#include "tests/proof/plain_tree.h"
#include "tests/proof/vectors.h"

using namespace harvest::proof;

namespace {

/// Every byte in turn: each of its bits turned, some bytes with a meaning of their own in its place, it left out, and
/// doubled.
void check_every_change(const std::string& good, const std::function<bool(const std::string&)>& accepts) {
  REQUIRE(accepts(good));
  for (size_t at = 0; at < good.size(); ++at) {
    const auto refused = [&](const std::string& changed) {
      INFO("byte " << at << ": " << changed);
      REQUIRE_FALSE(accepts(changed));
    };
    std::string changed = good;
    for (int bit = 0; bit < 8; ++bit) {
      changed[at] = static_cast<char>(good[at] ^ 1 << bit);
      refused(changed);
    }
    for (const char other : {'\0', '\n', ' ', '=', '"', '\\', '0', 'A', '\xff'}) {
      if (other == good[at]) continue;
      changed[at] = other;
      refused(changed);
    }
    refused(good.substr(0, at) + good.substr(at + 1));
    refused(good.substr(0, at + 1) + good.substr(at));
  }
  for (size_t end = 0; end < good.size(); ++end) REQUIRE_FALSE(accepts(good.substr(0, end)));
}

}  // namespace

TEST_CASE("a checkpoint with any other byte is refused", "[proof]") {
  const SignerKey log = vector_key(), witness = witness_key();
  Note note{checkpoint_text({log.verifier().name, 5, sha256("root"), {}}), {}};
  note.signatures = {sign_note(log, note.text), cosign_note(witness, note.text, 1'700'000'000)};
  const Trust trust{{log.verifier()}, {witness.verifier()}, 1};
  check_every_change(note_bytes(note), [&](const std::string& bytes) { return open_checkpoint(bytes, trust).ok(); });
}

TEST_CASE("a proof with any other byte is refused", "[proof]") {
  const PlainTree tree = PlainTree::of(11);
  const SignerKey log = vector_key();
  // The entry stands in the file, so that the tree vouches for it too.
  const InclusionFile file{tree.entries()[6], 6, inclusion_proof(6, 11, PlainHashes(tree)).value(),
                           signed_checkpoint({log.verifier().name, 11, tree.root(11), {}}, log)};
  const Trust trust{{log.verifier()}, {}, 0};
  check_every_change(inclusion_file_text(file), [&](const std::string& text) {
    const auto read = parse_inclusion_file(text);
    return read.ok() && read->extra && check_inclusion(*read, *read->extra, trust).ok();
  });
}

TEST_CASE("an envelope with any other byte is refused", "[proof]") {
  const Statement statement{{{"manifest.json", sha256("demo")}}, "https://harvest.example/manifest/v1", "{}"};
  Envelope envelope{statement_json(statement), kInTotoType, {}};
  sign_envelope(envelope, vector_key());
  const std::vector<VerifierKey> known{vector_key().verifier()};
  check_every_change(envelope_json(envelope), [&](const std::string& json) {
    const auto read = parse_envelope(json);
    return read.ok() && verify_envelope(*read, known).ok() && parse_statement(read->payload).ok();
  });
}
