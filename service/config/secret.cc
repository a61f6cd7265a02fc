#include "service/config/secret.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace harvest::config {
namespace {

/// Keys are sent in a header: control characters there would end it and begin another.
absl::StatusOr<std::string> checked(std::string value, const std::string& where) {
  absl::StripTrailingAsciiWhitespace(&value);
  if (value.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(where, " is empty, expected a secret"));
  }
  for (const char c : value) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      return absl::InvalidArgumentError(absl::StrCat(where, " holds a control character, expected one line of text"));
    }
  }
  return value;
}

}  // namespace

absl::StatusOr<std::string> resolve_secret(const v1::Secret& secret) {
  if (!secret.env().empty()) {
    const char* value = std::getenv(secret.env().c_str());
    const std::string where = absl::StrCat("the environment variable ", secret.env());
    if (value == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(where, " is not set, expected a secret in it"));
    }
    return checked(value, where);
  }
  if (!secret.file().empty()) {
    errno = 0;
    std::ifstream file(secret.file());
    std::string line;
    if (!file.is_open()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the secret file ", secret.file(), " cannot be read: ", std::strerror(errno)));
    }
    std::getline(file, line);
    // A key that was wrapped would be sent cut.
    for (std::string more; std::getline(file, more);)
      if (!absl::StripAsciiWhitespace(more).empty())
        return absl::InvalidArgumentError(
            absl::StrCat("the secret file ", secret.file(), " holds more than one line, expected the secret alone"));
    return checked(std::move(line), absl::StrCat("the first line of the secret file ", secret.file()));
  }
  return std::string();
}

}  // namespace harvest::config
