#pragma once

#include <google/protobuf/repeated_field.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/config.pb.h"
#include "service/access/principal.h"
#include "storage/corpus/digest.h"

namespace harvest::access {

/// 64 hex digits, in either case; INVALID_ARGUMENT.
absl::StatusOr<corpus::Digest> parse_sha256(const std::string& hex);
/// The first moment at which a token has expired, in UTC microseconds: a day counts to its end. Empty: never.
absl::StatusOr<int64_t> parse_expiry(std::string_view expires_on);

/// The tokens that are known, by their hashes. A value that never changes; any thread.
class Roster {
 public:
  Roster() = default;  ///< nobody's
  /// INVALID_ARGUMENT names the token that is wrong; the configuration's checks say it with its line before.
  static absl::StatusOr<Roster> of(const google::protobuf::RepeatedPtrField<v1::Token>& tokens);

  bool empty() const { return entries_.empty(); }

  /// Whose token this is. UNAUTHENTICATED: nobody's, or expired. Takes the same time whichever it is.
  absl::StatusOr<Principal> find(std::string_view token, int64_t utc_us) const;

 private:
  struct Entry {
    corpus::Digest sha256;
    int64_t expires_at_us;
    Principal principal;
  };
  std::vector<Entry> entries_;
};

}  // namespace harvest::access
