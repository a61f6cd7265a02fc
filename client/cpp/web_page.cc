#include "client/cpp/web_page.h"

#include <curl/curl.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cpp/curl_access.h"

namespace harvest::client {
namespace {

constexpr size_t kPageBytesMax = 64 << 20;
constexpr long kPageSeconds = 60;

size_t keep(char* data, size_t, size_t size, void* user) {
  std::string& page = *static_cast<std::string*>(user);
  if (page.size() + size > kPageBytesMax) {
    return 0;
  }
  page.append(data, size);
  return size;
}

}  // namespace

absl::StatusOr<std::string> fetch_page(const std::string& url, const Access& access) {
  if (const absl::Status status = check_shielded(url, access); !status.ok()) {
    return status;
  }
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
  if (curl == nullptr) {
    return absl::InternalError("libcurl cannot be started");
  }
  std::string page;
  const CurlHeaders headers(authorization_header(access));
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, kPageSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, keep);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &page);
  name_files(curl.get(), access);
  const CURLcode result = curl_easy_perform(curl.get());
  long code = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &code);
  if (const absl::Status status = check_result(url, result, code); !status.ok()) {
    return status;
  }
  if (code == 200) {
    return page;
  }
  const std::string message = absl::StrCat(url, ": found HTTP status ", code, ", expected 200");
  return code == 404 ? absl::NotFoundError(message) : absl::UnavailableError(message);
}

}  // namespace harvest::client
