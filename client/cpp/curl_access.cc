#include "client/cpp/curl_access.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace harvest::client {

absl::Status check_shielded(const std::string& url, const Access& access) {
  if (access.token.empty() || !url.starts_with("http://") || is_loopback_server(host_of(url))) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat(url, ": found no TLS, expected https: a token goes to no other machine in the clear"));
}

CurlHeaders authorization_header(const Access& access) {
  // One line, as check_token() saw: no header follows it.
  const std::string line = absl::StrCat("Authorization: Bearer ", access.token);
  return {access.token.empty() ? nullptr : curl_slist_append(nullptr, line.c_str()), curl_slist_free_all};
}

void name_files(CURL* curl, const Access& access) {
  for (const auto& [option, file] :
       {std::pair{CURLOPT_CAINFO, &access.ca_file}, std::pair{CURLOPT_SSLCERT, &access.certificate_file},
        std::pair{CURLOPT_SSLKEY, &access.key_file}}) {
    if (!file->empty()) {
      curl_easy_setopt(curl, option, file->c_str());
    }
  }
}

absl::Status check_result(const std::string& url, CURLcode result, long http_code) {
  const std::string failure = absl::StrCat(url, ": ", curl_easy_strerror(result));
  if (result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CACERT_BADFILE ||
      result == CURLE_SSL_CERTPROBLEM) {
    return absl::PermissionDeniedError(failure);
  }
  if (result != CURLE_OK) {
    return absl::UnavailableError(failure);
  }
  if (http_code == 401) {
    return absl::UnauthenticatedError(
        absl::StrCat(url, ": found HTTP status 401, expected a token that is known there and has not expired"));
  }
  if (http_code == 403) {
    return absl::PermissionDeniedError(
        absl::StrCat(url, ": found HTTP status 403, expected the token of one who may read this"));
  }
  return absl::OkStatus();
}

}  // namespace harvest::client
