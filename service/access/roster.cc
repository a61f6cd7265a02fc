#include "service/access/roster.h"

#include <limits>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "proto/text/mistake.h"
#include "proto/text/time.h"

namespace harvest::access {
namespace {

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;

/// How many bits differ must not be told by how long it takes.
bool is_same(const corpus::Digest& one, const corpus::Digest& other) {
  volatile uint8_t differing = 0;
  for (size_t i = 0; i < one.size(); ++i) differing = differing | static_cast<uint8_t>(one[i] ^ other[i]);
  return differing == 0;
}

}  // namespace

absl::StatusOr<corpus::Digest> parse_sha256(const std::string& hex) {
  corpus::Digest digest;
  bool good = hex.size() == 2 * digest.size();
  for (const char c : hex) good = good && absl::ascii_isxdigit(static_cast<unsigned char>(c));
  if (!good) return absl::InvalidArgumentError("found no SHA-256, expected 64 hexadecimal digits");
  const std::string bytes = absl::HexStringToBytes(hex);
  for (size_t i = 0; i < digest.size(); ++i) digest[i] = static_cast<uint8_t>(bytes[i]);
  return digest;
}

absl::StatusOr<int64_t> parse_expiry(std::string_view expires_on) {
  if (expires_on.empty()) return std::numeric_limits<int64_t>::max();
  if (expires_on.find('T') != std::string_view::npos) return text::parse_utc(expires_on);
  const auto day = text::parse_day(expires_on);
  if (!day.ok()) return day.status();
  return (*day + 1) * kDayUs;
}

absl::StatusOr<Roster> Roster::of(const google::protobuf::RepeatedPtrField<v1::Token>& tokens) {
  Roster roster;
  for (const v1::Token& token : tokens) {
    const auto wrong = [&token](const std::string& what) {
      return absl::InvalidArgumentError(absl::StrCat("token ", text::shown(token.name()), ": ", what));
    };
    Entry entry;
    const auto sha256 = parse_sha256(token.sha256());
    if (!sha256.ok()) return wrong(std::string(sha256.status().message()));
    entry.sha256 = *sha256;
    const auto expiry = parse_expiry(token.expires_on());
    if (!expiry.ok()) return wrong(std::string(expiry.status().message()));
    entry.expires_at_us = *expiry;
    entry.principal.name = token.name();
    if (!token.tenant().empty()) entry.principal.tenant = token.tenant();
    for (const std::string& name : token.roles()) {
      const auto role = role_named(name);
      if (!role) return wrong(absl::StrCat("found the role ", text::shown(name), ", which there is not"));
      entry.principal.roles.add(*role);
    }
    roster.entries_.push_back(std::move(entry));
  }
  return roster;
}

absl::StatusOr<Principal> Roster::find(std::string_view token, int64_t utc_us) const {
  const corpus::Digest sha256 = corpus::sha256(token);
  const Entry* found = nullptr;
  for (const Entry& entry : entries_) {
    if (is_same(entry.sha256, sha256)) found = &entry;
  }
  if (found == nullptr) return absl::UnauthenticatedError("the token is not known here");
  if (utc_us >= found->expires_at_us)
    return absl::UnauthenticatedError(
        absl::StrCat("the token of ", found->principal.name, " expired at ", text::format_utc(found->expires_at_us)));
  return found->principal;
}

}  // namespace harvest::access
