#include "storage/proof/note_key.h"

#include <catch2/catch.hpp>

#include "tests/proof/vectors.h"

using namespace harvest::proof;

TEST_CASE("keys are those of the published vectors", "[proof]") {
  const SignerKey key = vector_key();
  CHECK(key.verifier().text() == kVectorVkey);
  CHECK(key.verifier().id() == 0x8efac513);
  CHECK(key.verifier().hint() == "harvest.example/log+8efac513");
  const Hash public_bytes = key.verifier().key;
  CHECK(public_bytes == from_hex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"));
}

TEST_CASE("keys read back as they were written", "[proof]") {
  for (const SignerKey& key : {vector_key(), witness_key()}) {
    CHECK(parse_verifier_key(key.verifier().text()).value() == key.verifier());
    const SignerKey read = SignerKey::parse(key.text()).value();
    CHECK(read.verifier() == key.verifier());
    CHECK(read.seed().bytes() == key.seed().bytes());
  }
}

TEST_CASE("a random seed is another each time", "[proof]") {
  CHECK(Seed::random().value().bytes() != Seed::random().value().bytes());
}

TEST_CASE("a key with any other byte is refused", "[proof]") {
  const std::string text = kVectorVkey;
  for (size_t at = 0; at < text.size(); ++at) {
    for (const int change : {1, 2, 4, 8, 16, 32, 64, 128}) {
      std::string changed = text;
      changed[at] = static_cast<char>(changed[at] ^ change);
      INFO(at << ": " << changed);
      CHECK_FALSE(parse_verifier_key(changed).ok());
    }
  }
}

TEST_CASE("mistaken keys are refused and secrets never shown", "[proof]") {
  const std::string secret = vector_key().text();
  const auto mixed = parse_verifier_key(secret);
  CHECK(mixed.status().message().find("AQAB") == std::string::npos);
  CHECK(mixed.status().message().find("private") != std::string::npos);
  for (const std::string& text : {std::string(kVectorVkey), secret.substr(0, secret.size() - 1),
                                  "PRIVATE+KEY+" + secret, secret + "\n", std::string(2000, 'x'), std::string()}) {
    const auto key = SignerKey::parse(text);
    CHECK_FALSE(key.ok());
    CHECK(key.status().message().find("AQAB") == std::string::npos);
  }
  std::string other_id = secret;
  other_id[other_id.find("8efac513")] = '9';
  CHECK_FALSE(SignerKey::parse(other_id).ok());
}
