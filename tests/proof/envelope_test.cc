#include "storage/proof/envelope.h"

#include <catch2/catch.hpp>

#include "storage/proof/base64.h"
#include "storage/proof/statement.h"
#include "tests/proof/vectors.h"

using namespace harvest::proof;

namespace {

Envelope vector_envelope() {
  const Statement statement{{{"shard-00000.jsonl.gz", sha256("demo")}}, "https://harvest.example/shard/v1", "{}"};
  return {statement_json(statement), kInTotoType, {}};
}

std::vector<VerifierKey> known() {
  return {vector_key().verifier()};
}

}  // namespace

TEST_CASE("the envelope's signature is that of the published vector", "[proof]") {
  Envelope envelope = vector_envelope();
  CHECK(pre_authentication_encoding(envelope.payload_type, envelope.payload).substr(0, 42) ==
        "DSSEv1 28 application/vnd.in-toto+json 240");
  sign_envelope(envelope, vector_key());
  CHECK(base64(envelope.signatures[0].bytes) ==
        "QvZ4WG/OwCEWXGQxGka8qR/i87SiN2JaMmlWduL/PRIhHQ7EHvt4Ioj8OufVSM1M5iDaShnSzVT9LrJ2zk65Bw==");
  CHECK(verify_envelope(envelope, known()).value() == known());
}

TEST_CASE("the encoding counts bytes", "[proof]") {
  CHECK(pre_authentication_encoding("http://example.com/HelloWorld", "hello world") ==
        "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  CHECK(pre_authentication_encoding("", "\u00e9") == "DSSEv1 0  2 \u00e9");
}

TEST_CASE("an envelope reads back as it was written", "[proof]") {
  Envelope envelope{std::string("any\0bytes\xff", 10), "text/\"x\"", {}};
  sign_envelope(envelope, vector_key());
  sign_envelope(envelope, SignerKey("other.example/k", KeyType::kEd25519, Seed(counting_bytes(64))));
  const Envelope read = parse_envelope(envelope_json(envelope)).value();
  CHECK(read.payload == envelope.payload);
  CHECK(read.payload_type == envelope.payload_type);
  REQUIRE(read.signatures.size() == 2);
  CHECK(read.signatures[0].key_id == "harvest.example/log+8efac513");
  CHECK(read.signatures[1].bytes == envelope.signatures[1].bytes);
  CHECK(verify_envelope(read, known()).value() == known());
}

TEST_CASE("an envelope as others write it is read", "[proof]") {
  // Spaces, another order, members of their own, and no hint.
  const std::string json =
      R"( { "signatures": [ { "sig": "QvZ4WG/OwCEWXGQxGka8qR/i87SiN2JaMmlWduL/PRIhHQ7EHvt4Ioj8OufVSM1M5iDaShnSzVT9LrJ2zk65Bw==", "keyid": "", "cert": null } ], "payloadType": "application/vnd.in-toto+json", "payload": ")" +
      base64(vector_envelope().payload) + "\" }\n";
  const auto envelope = parse_envelope(json);
  REQUIRE(envelope.ok());
  CHECK(verify_envelope(*envelope, known()).ok());
}

TEST_CASE("only known keys sign an envelope and each of them must hold", "[proof]") {
  const SignerKey stranger("harvest.example/log", KeyType::kEd25519, Seed(counting_bytes(64)));
  Envelope envelope = vector_envelope();
  sign_envelope(envelope, stranger);
  CHECK(verify_envelope(envelope, known()).status().message() == "envelope: found no signature of a known key");
  envelope.signatures[0].key_id = vector_key().verifier().hint();
  CHECK(verify_envelope(envelope, known()).status().message() ==
        "envelope: the signature of harvest.example/log+8efac513 does not hold");
  envelope.signatures[0].key_id = "";
  CHECK(verify_envelope(envelope, known()).status().message() ==
        "envelope: the signature of an unnamed key does not hold");
}

TEST_CASE("what was signed as one type is not of another", "[proof]") {
  Envelope envelope = vector_envelope();
  sign_envelope(envelope, vector_key());
  envelope.payload_type = "application/json";
  CHECK_FALSE(verify_envelope(envelope, known()).ok());
}

TEST_CASE("malformed envelopes are refused by place", "[proof]") {
  const auto message = [](const std::string& json) {
    const auto read = parse_envelope(json);
    CHECK(read.status().code() == absl::StatusCode::kInvalidArgument);
    return std::string(read.status().message());
  };
  const std::string signatures = R"("signatures":[{"keyid":"","sig":"YQ=="}])";
  CHECK(message("{}") == "envelope: expected the member payload");
  CHECK(message(R"({"payload":"YQ","payloadType":"t",)" + signatures + "}") == "envelope.payload: expected base64");
  CHECK(message(R"({"payload":1,"payloadType":"t",)" + signatures + "}") == "envelope.payload: expected a text");
  CHECK(message(R"({"payload":"YQ==","payload":"YQ==","payloadType":"t",)" + signatures + "}") ==
        "envelope.payload: expected it once, found it 2 times");
  CHECK(message(R"({"payload":"YQ==","payloadType":"t","signatures":[]})") ==
        "envelope.signatures: expected one at least");
  CHECK(message(R"({"payload":"YQ==","payloadType":"t","signatures":[1]})") ==
        "envelope.signatures[0]: expected an object");
  CHECK(message(R"({"payload":"YQ==","payloadType":"t","signatures":[{"sig":"YQ=="}]})") ==
        "envelope.signatures[0]: expected the member keyid");
  CHECK(message(R"({"payload":"YQ==","payloadType":"t",)" + signatures + "} ,").find("expected JSON") !=
        std::string::npos);
  std::string many = R"({"payload":"YQ==","payloadType":"t","signatures":[)";
  for (size_t i = 0; i <= kEnvelopeSignaturesMax; ++i) many += R"({"keyid":"","sig":"YQ=="},)";
  many.back() = ']';
  CHECK(message(many + "}") == "envelope.signatures: expected at most 100");
}
