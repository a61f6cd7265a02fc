#include "client/s3/credentials.h"

#include <cstdlib>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace harvest::s3 {
namespace {

absl::StatusOr<std::string> variable(const char* name, bool needed) {
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0') {
    return needed ? absl::StatusOr<std::string>(absl::InvalidArgumentError(
                        absl::StrCat("the environment has no ", name,
                                     ", expected the bucket's keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")))
                  : std::string();
  }
  for (const char* c = value; *c != '\0'; ++c) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(*c))) {
      return absl::InvalidArgumentError(absl::StrCat("the environment's ", name,
                                                     " has blanks, line ends or letters that are no ASCII in it, "
                                                     "expected a key"));
    }
  }
  return std::string(value);
}

}  // namespace

absl::StatusOr<Credentials> credentials_from_environment() {
  Credentials credentials;
  for (const auto& [name, place, needed] : {std::tuple{"AWS_ACCESS_KEY_ID", &credentials.access_key_id, true},
                                            {"AWS_SECRET_ACCESS_KEY", &credentials.secret_access_key, true},
                                            {"AWS_SESSION_TOKEN", &credentials.session_token, false}}) {
    auto value = variable(name, needed);
    if (!value.ok()) {
      return value.status();
    }
    *place = *std::move(value);
  }
  return credentials;
}

}  // namespace harvest::s3
