#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "client/cpp/access.h"

namespace harvest::client {

using CurlHeaders = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

/// FAILED_PRECONDITION where a token would go to another machine in the clear.
absl::Status check_shielded(const std::string& url, const Access& access);

/// The token's header, alone in a list; an empty list without one.
CurlHeaders authorization_header(const Access& access);

/// The PEM files; they are read when the transfer begins.
void name_files(CURL* curl, const Access& access);

/// What both kinds of transfer take alike: no answer, TLS that is not to be trusted, and a token that does not do.
absl::Status check_result(const std::string& url, CURLcode result, long http_code);

}  // namespace harvest::client
