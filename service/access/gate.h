#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "service/access/permits.h"
#include "service/access/principal.h"
#include "service/access/roster.h"

namespace harvest::access {

/// Start here. What stands before every handler of both faces: who is it, and may they do this? A value that never
/// changes; any thread.
///
/// Without tokens there is one principal, the local user, who may do everything: the faces are on loopback then.
class Gate {
 public:
  Gate(Roster roster, Principal local) : roster_(std::move(roster)), local_(std::move(local)) {}

  bool demands_tokens() const { return !roster_.empty(); }
  const Principal& local() const { return local_; }

  /// `authorization`: the header as sent, "Bearer …"; empty: none came. UNAUTHENTICATED (no token, not known, expired)
  /// or PERMISSION_DENIED (none of the roles), with words for the caller; never with the token.
  absl::StatusOr<Principal> admit_call(std::string_view method, std::string_view authorization, int64_t utc_us) const;
  absl::StatusOr<Principal> admit_read(Page page, std::string_view authorization, int64_t utc_us) const;

 private:
  absl::StatusOr<Principal> admit(std::optional<Roles> roles, std::string_view what, std::string_view authorization,
                                  int64_t utc_us) const;

  Roster roster_;
  Principal local_;
};

}  // namespace harvest::access
