#include "storage/proof/note.h"

#include <catch2/catch.hpp>

#include "storage/proof/base64.h"
#include "storage/proof/note_signing.h"
#include "tests/proof/vectors.h"

using namespace harvest::proof;

namespace {

std::string with_signature(std::string_view line) {
  return "text\n\n" + std::string(line) + "\n";
}

}  // namespace

TEST_CASE("a note reads back as it was written", "[proof]") {
  Note note{"first\n\nbehind an empty line\n", {}};
  note.signatures = {sign_note(vector_key(), note.text), cosign_note(witness_key(), note.text, 1'700'000'000)};
  const Note read = parse_note(note_bytes(note)).value();
  CHECK(read.text == note.text);
  CHECK(read.signatures == note.signatures);
}

TEST_CASE("malformed notes are refused", "[proof]") {
  const std::string sig = base64("idid" + std::string(64, 's'));
  REQUIRE(parse_note(with_signature("\u2014 a.example " + sig)).ok());
  for (const std::string& bytes : {std::string(),
                                   std::string("\n"),
                                   std::string("\n\n"),
                                   std::string("text\n"),
                                   std::string("text\n\n"),
                                   with_signature("- a.example " + sig),
                                   with_signature("\u2014a.example " + sig),
                                   with_signature("\u2014 " + sig),
                                   with_signature("\u2014  " + sig),
                                   with_signature("\u2014 a+b " + sig),
                                   with_signature("\u2014 a\u00a0b " + sig),
                                   with_signature("\u2014 a\u3000b " + sig),
                                   with_signature("\u2014 a.example  " + sig),
                                   with_signature("\u2014 a.example " + sig + " "),
                                   with_signature("\u2014 a.example " + sig.substr(1)),
                                   with_signature("\u2014 a.example "),
                                   with_signature("\u2014 a.example " + base64("idid")),
                                   with_signature("\u2014 a.example " + sig + "\r"),
                                   with_signature("\u2014 a\xff " + sig),
                                   "te\txt\n\n\u2014 a.example " + sig + "\n",
                                   "text\n\n\u2014 a.example " + sig,
                                   "text\n\n\u2014 a.example " + sig + "\n\n"}) {
    INFO(bytes);
    CHECK(parse_note(bytes).status().code() == absl::StatusCode::kInvalidArgument);
  }
}

TEST_CASE("notes are bounded", "[proof]") {
  const std::string line = "\u2014 a.example " + base64("idid" + std::string(64, 's')) + "\n";
  std::string bytes = "text\n\n";
  for (size_t i = 0; i < kNoteSignaturesMax; ++i) bytes += line;
  CHECK(parse_note(bytes).ok());
  CHECK_FALSE(parse_note(bytes + line).ok());
  CHECK_FALSE(parse_note(std::string(kNoteBytesMax, 'x') + "\n\n" + line).ok());
}

TEST_CASE("only known keys count and each of them must hold", "[proof]") {
  const SignerKey log = vector_key(), witness = witness_key();
  const SignerKey stranger("harvest.example/log", KeyType::kEd25519, Seed(counting_bytes(64)));
  Note note{"text\n", {}};
  note.signatures = {sign_note(stranger, note.text), sign_note(log, note.text), cosign_note(witness, note.text, 7)};
  const std::vector<VerifierKey> known{log.verifier(), witness.verifier()};

  const auto signers = verify_note(note, known).value();
  REQUIRE(signers.size() == 2);
  CHECK(signers[0].key == log.verifier());
  CHECK_FALSE(signers[0].time_s);
  CHECK(signers[1].key == witness.verifier());
  CHECK(signers[1].time_s == 7);

  Note none = note;
  none.signatures.resize(1);
  CHECK(verify_note(none, known).status().message() == "signed note: found no signature of a known key");

  Note forged = note;
  forged.signatures[1].bytes = forged.signatures[0].bytes;  // a stranger's, under the log's name and id
  CHECK(verify_note(forged, known).status().message() ==
        "signed note: the signature of harvest.example/log+8efac513 does not hold");
}

TEST_CASE("a cosignature is of its text and its time", "[proof]") {
  const SignerKey witness = witness_key();
  const std::vector<VerifierKey> known{witness.verifier()};
  Note note{"text\n", {}};
  note.signatures = {cosign_note(witness, note.text, 1'700'000'000)};
  CHECK(note.signatures[0].bytes.size() == 72);
  REQUIRE(verify_note(note, known).ok());
  for (size_t at = 0; at < 72; ++at) {
    Note changed = note;
    changed.signatures[0].bytes[at] ^= 1;
    CHECK_FALSE(verify_note(changed, known).ok());
  }
  Note shorter = note;
  shorter.signatures[0].bytes.resize(8);
  CHECK_FALSE(verify_note(shorter, known).ok());
  // The signature of the text alone is no cosignature, though the bytes of the key are the same.
  const SignerKey same_bytes(witness.verifier().name, KeyType::kEd25519, witness.seed());
  Note plain{"text\n", {sign_note(same_bytes, "text\n")}};
  CHECK_FALSE(verify_note(plain, known).ok());
}

TEST_CASE("cosignature and key are those of the reference's script", "[proof]") {
  const std::string text = "harvest.example/log\n5\n/hSlQm+9cMD6c/UjQq/tDaC9I8SDhmLM9riKMHDq2Xs=\n";
  Note note{text, {cosign_note(witness_key(), text, 1'700'000'000)}};
  const std::string bytes = note_bytes(note);
  CHECK(witness_key().verifier().text() == "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X");
  CHECK(bytes.substr(text.size() + 1) ==
        "\u2014 witness.example/w1 "
        "IDJKvgAAAABlU/EAYrdOOMAPquABE2jgHtOClKt4uItQPFUhUn2xcXWz0Irwawyx9gQmfykNTxlq3IrOAAiMRpWLx3aUd793B0PSCg==\n");
}
