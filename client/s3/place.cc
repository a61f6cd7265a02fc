#include "client/s3/place.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/cpp/access.h"

namespace harvest::s3 {
namespace {

constexpr size_t kPrefixBytesMax = 512;  // of the 1024 that a key may have

bool is_bucket_name(const std::string& name) {
  for (const char c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.' && c != '_') {
      return false;
    }
  }
  // A name of dots alone would be a step in the path.
  return name.size() >= 3 && name.size() <= 63 && absl::ascii_isalnum(static_cast<unsigned char>(name[0]));
}

bool is_prefix(const std::string& prefix) {
  for (const absl::string_view step : absl::StrSplit(prefix, '/')) {
    if (step.empty() || step == "." || step == "..") {
      return false;  // servers and libraries do not agree on what these mean
    }
  }
  for (const char c : prefix) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      return false;
    }
  }
  return prefix.size() <= kPrefixBytesMax;
}

}  // namespace

std::string Place::key(const std::string& name) const {
  return prefix.empty() ? std::string(name) : absl::StrCat(prefix, "/", name);
}

std::string Place::text(const std::string& name) const {
  return absl::StrCat("s3://", bucket, "/", key(name));
}

absl::StatusOr<Place> parse_place(const std::string& url) {
  const std::string mistake = absl::StrCat("found the destination \"", url, "\", expected s3://BUCKET/PREFIX");
  absl::string_view rest = url;
  if (!absl::ConsumePrefix(&rest, "s3://")) {
    return absl::InvalidArgumentError(mistake);
  }
  const size_t slash = rest.find('/');
  Place place{std::string(rest.substr(0, slash)), {}};
  if (!is_bucket_name(place.bucket)) {
    return absl::InvalidArgumentError(
        absl::StrCat(mistake, " with a bucket's name of 3 to 63 letters, digits, dots, hyphens and underscores"));
  }
  if (slash != absl::string_view::npos) {
    place.prefix = std::string(absl::StripSuffix(rest.substr(slash + 1), "/"));
  }
  if (!place.prefix.empty() && !is_prefix(place.prefix)) {
    return absl::InvalidArgumentError(
        absl::StrCat(mistake, " with a prefix of at most ", kPrefixBytesMax, " bytes, without //, . and .."));
  }
  return place;
}

absl::Status check_endpoint(const std::string& endpoint, bool in_the_clear) {
  absl::string_view rest = endpoint;
  const bool clear = absl::ConsumePrefix(&rest, "http://");
  if ((!clear && !absl::ConsumePrefix(&rest, "https://")) || rest.empty() ||
      rest.find_first_of("/?#@ \\\t\r\n") != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("--endpoint: found \"", endpoint, "\", expected https://HOST or https://HOST:PORT"));
  }
  if (clear && !in_the_clear && !client::is_loopback_server(client::host_of(endpoint))) {
    return absl::FailedPreconditionError(
        absl::StrCat("--endpoint: found ", endpoint,
                     " without TLS, expected https: pairs go to no other machine in the clear, unless --allow-http "
                     "says so"));
  }
  return absl::OkStatus();
}

std::string encode(const std::string& text, bool path) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '.' || c == '_' || c == '~' || (path && c == '/')) {
      encoded.push_back(c);
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", byte);
    }
  }
  return encoded;
}

}  // namespace harvest::s3
