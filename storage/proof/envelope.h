#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/proof/note_key.h"

/// Signed documents: DSSE envelopes (github.com/secure-systems-lab/dsse, v1).
///
///     {"payload":BASE64,"payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":…,"sig":BASE64}]}
///
/// Signed is not the payload but its pre-authentication encoding, which names its type and length; so nothing signed as
/// one thing passes as another. A note's text never begins like one: the same key may sign both.
namespace harvest::proof {

inline constexpr char kInTotoType[] = "application/vnd.in-toto+json";
inline constexpr size_t kEnvelopeBytesMax = 64 << 20;
inline constexpr size_t kEnvelopeSignaturesMax = 100;

struct EnvelopeSignature {
  std::string key_id;  ///< a hint: ours is the key's hint(); may be empty
  std::string bytes;
};

struct Envelope {
  std::string payload;
  std::string payload_type;
  std::vector<EnvelopeSignature> signatures;
};

/// "DSSEv1 28 application/vnd.in-toto+json 240 {…": what is signed.
std::string pre_authentication_encoding(std::string_view payload_type, std::string_view payload);

std::string envelope_json(const Envelope& envelope);
/// INVALID_ARGUMENT says what was found and expected. Members that the format does not know are skipped, those that it
/// knows stand there once, `keyid` included.
absl::StatusOr<Envelope> parse_envelope(std::string_view json);

/// Adds a signature; `key` is of type kEd25519.
void sign_envelope(Envelope& envelope, const SignerKey& key);
/// Which of `known` have signed, each once. A signature whose hint names a known key must hold, one with another hint
/// is passed over, one with none must be of any known key. INVALID_ARGUMENT where one fails, or nobody known has
/// signed.
absl::StatusOr<std::vector<VerifierKey>> verify_envelope(const Envelope& envelope, std::span<const VerifierKey> known);

}  // namespace harvest::proof
