#include "service/access/gate.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace harvest::access {
namespace {

constexpr std::string_view kScheme = "bearer ";

std::string_view name_of(Page page) {
  switch (page) {
    case Page::kMetrics:
      return "the metrics";
    case Page::kDatasets:
      return "the list of datasets";
    case Page::kManifest:
      return "manifests";
    case Page::kShard:
      return "shards";
    case Page::kReceipts:
      return "receipts";
    case Page::kLog:
      return "checkpoints and tiles";
    case Page::kLogEntries:
      return "the log's entries";
  }
  return "this page";
}

}  // namespace

absl::StatusOr<Principal> Gate::admit_call(std::string_view method, std::string_view authorization,
                                           int64_t utc_us) const {
  const std::string_view package = "/harvest.v1.";
  return admit(may_call(method), method.starts_with(package) ? method.substr(package.size()) : method, authorization,
               utc_us);
}

absl::StatusOr<Principal> Gate::admit_read(Page page, std::string_view authorization, int64_t utc_us) const {
  return admit(may_read(page), name_of(page), authorization, utc_us);
}

absl::StatusOr<Principal> Gate::admit(std::optional<Roles> roles, std::string_view what, std::string_view authorization,
                                      int64_t utc_us) const {
  Principal principal = local_;
  if (demands_tokens()) {
    if (authorization.empty())
      return absl::UnauthenticatedError("found no token, expected one in the header authorization: Bearer TOKEN");
    if (absl::AsciiStrToLower(std::string(authorization.substr(0, kScheme.size()))) != kScheme ||
        authorization.size() == kScheme.size())
      return absl::UnauthenticatedError("found another kind of authorization, expected Bearer TOKEN");
    auto found = roster_.find(authorization.substr(kScheme.size()), utc_us);
    if (!found.ok()) return found.status();
    principal = *std::move(found);
  }
  const std::string place(what);
  if (!roles)
    return absl::PermissionDeniedError(absl::StrCat(place, ": nobody may, for the table of roles has no row of it"));
  if (!principal.roles.meets(*roles))
    return absl::PermissionDeniedError(absl::StrCat(place, ": found ", principal.name, " with the roles ",
                                                    principal.roles.text(), ", expected one of ", roles->text()));
  return principal;
}

}  // namespace harvest::access
