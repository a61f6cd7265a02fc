#include "storage/proof/envelope.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cassert>
#include <optional>

#include "storage/proof/base64.h"
#include "storage/proof/json_members.h"

namespace harvest::proof {
namespace {

absl::StatusOr<std::string> base64_member(const JsonMembers& members, std::string_view name) {
  auto text = members.text(name);
  if (!text.ok()) return text.status();
  auto bytes = read_base64(*text);
  if (!bytes) return members.mistake(name, "base64");
  return *std::move(bytes);
}

absl::StatusOr<EnvelopeSignature> signature_of(const JsonMembers& members) {
  const auto hint = members.text("keyid");
  if (!hint.ok()) return hint.status();
  auto bytes = base64_member(members, "sig");
  if (!bytes.ok()) return bytes.status();
  return EnvelopeSignature{std::string(*hint), *std::move(bytes)};
}

bool signed_by(const VerifierKey& key, std::string_view message, const EnvelopeSignature& signature) {
  return verifies(key.key, message, signature.bytes);
}

}  // namespace

std::string pre_authentication_encoding(std::string_view payload_type, std::string_view payload) {
  return "DSSEv1 " + std::to_string(payload_type.size()) + " " + std::string(payload_type) + " " +
         std::to_string(payload.size()) + " " + std::string(payload);
}

std::string envelope_json(const Envelope& envelope) {
  const auto quoted = [](std::string_view text) {
    return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
  };
  std::string json = R"({"payload":)" + quoted(base64(envelope.payload)) + R"(,"payloadType":)" +
                     quoted(envelope.payload_type) + R"(,"signatures":[)";
  for (const EnvelopeSignature& signature : envelope.signatures) {
    if (json.back() == '}') json += ',';
    json += R"({"keyid":)" + quoted(signature.key_id) + R"(,"sig":)" + quoted(base64(signature.bytes)) + "}";
  }
  return json + "]}";
}

absl::StatusOr<Envelope> parse_envelope(std::string_view json) {
  auto document = JsonText::parse("envelope", json, kEnvelopeBytesMax);
  if (!document.ok()) return document.status();
  const auto members = document->members();
  if (!members.ok()) return members.status();
  Envelope envelope;
  auto payload = base64_member(*members, "payload");
  if (!payload.ok()) return payload.status();
  envelope.payload = *std::move(payload);
  const auto type = members->text("payloadType");
  if (!type.ok()) return type.status();
  envelope.payload_type = *type;
  const auto signatures = members->objects("signatures", kEnvelopeSignaturesMax);
  if (!signatures.ok()) return signatures.status();
  for (const JsonMembers& entry : *signatures) {
    auto signature = signature_of(entry);
    if (!signature.ok()) return signature.status();
    envelope.signatures.push_back(*std::move(signature));
  }
  if (envelope.signatures.empty()) return members->mistake("signatures", "one at least");
  return envelope;
}

void sign_envelope(Envelope& envelope, const SignerKey& key) {
  assert(key.verifier().type == KeyType::kEd25519);
  const Signature signature = sign(key.seed(), pre_authentication_encoding(envelope.payload_type, envelope.payload));
  envelope.signatures.push_back(
      {key.verifier().hint(), std::string(reinterpret_cast<const char*>(signature.data()), signature.size())});
}

absl::StatusOr<std::vector<VerifierKey>> verify_envelope(const Envelope& envelope, std::span<const VerifierKey> known) {
  const std::string message = pre_authentication_encoding(envelope.payload_type, envelope.payload);
  std::vector<VerifierKey> signers;
  for (const EnvelopeSignature& signature : envelope.signatures) {
    const auto key = std::find_if(known.begin(), known.end(), [&](const VerifierKey& candidate) {
      return candidate.type == KeyType::kEd25519 && (signature.key_id.empty() ? signed_by(candidate, message, signature)
                                                                              : signature.key_id == candidate.hint());
    });
    if (key == known.end() && !signature.key_id.empty()) continue;
    if (key == known.end() || !signed_by(*key, message, signature))
      return absl::InvalidArgumentError("envelope: the signature of " +
                                        (key == known.end() ? "an unnamed key" : key->hint()) + " does not hold");
    if (std::find(signers.begin(), signers.end(), *key) == signers.end()) signers.push_back(*key);
  }
  if (signers.empty()) return absl::InvalidArgumentError("envelope: found no signature of a known key");
  return signers;
}

}  // namespace harvest::proof
