#include "client/s3/curl_wire.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cpp/access.h"
#include "client/cpp/curl_access.h"
#include "client/s3/place.h"
#include "storage/corpus/digest.h"

namespace harvest::s3 {
namespace {

constexpr size_t kReplyBytesMax = 256 << 20;  // a manifest
constexpr long kWireConnectSeconds = 10;
constexpr long kWireSilenceSeconds = 60;
constexpr long kContinueMs = 200;  // for servers that never say 100

size_t keep_body(char* data, size_t, size_t size, void* user) {
  std::string& body = *static_cast<std::string*>(user);
  if (body.size() + size > kReplyBytesMax) {
    return 0;
  }
  body.append(data, size);
  return size;
}

size_t keep_header(char* data, size_t, size_t size, void* user) {
  Reply& reply = *static_cast<Reply*>(user);
  const std::string line(data, size);
  if (line.starts_with("HTTP/")) {
    reply.headers.clear();  // of "100 Continue"
  }
  if (const size_t colon = line.find(':'); colon != std::string::npos) {
    reply.headers[absl::AsciiStrToLower(line.substr(0, colon))] =
        std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)));
  }
  return size;
}

size_t give_body(char* place, size_t, size_t room, void* user) {
  std::string_view& rest = *static_cast<std::string_view*>(user);
  const size_t size = std::min(room, rest.size());
  std::memcpy(place, rest.data(), size);
  rest.remove_prefix(size);
  return size;
}

/// From the beginning, where libcurl has to send again on a new connection.
struct Body {
  std::string_view all;
  std::string_view rest;
};

int rewind_body(void* user, curl_off_t offset, int origin) {
  Body& body = *static_cast<Body*>(user);
  if (origin != SEEK_SET || static_cast<size_t>(offset) > body.all.size()) {
    return CURL_SEEKFUNC_CANTSEEK;
  }
  body.rest = body.all.substr(static_cast<size_t>(offset));
  return CURL_SEEKFUNC_OK;
}

int look_whether_to_go_on(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& go_on = *static_cast<const std::function<bool()>*>(user);
  return go_on && !go_on() ? 1 : 0;
}

void name_method(CURL* curl, const Request& request, Body& body) {
  if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else if (request.method == "PUT") {
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(curl, CURLOPT_READDATA, &body.rest);
    curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, rewind_body);
    curl_easy_setopt(curl, CURLOPT_SEEKDATA, &body);
    curl_easy_setopt(curl, CURLOPT_EXPECT_100_TIMEOUT_MS, kContinueMs);
  } else if (request.method == "POST") {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
  }
}

}  // namespace

absl::StatusOr<Reply> CurlWire::send(const Request& request) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
  if (curl == nullptr) {
    return absl::InternalError("libcurl cannot be started");
  }
  const std::string url = absl::StrCat(options_.endpoint, "/", options_.bucket, request.key.empty() ? "" : "/",
                                       encode(request.key, true), request.query.empty() ? "" : "?", request.query);
  const std::string provider = absl::StrCat("aws:amz:", options_.region, ":s3");
  client::CurlHeaders headers(nullptr, curl_slist_free_all);
  const auto add = [&headers](const std::string& line) {
    headers.reset(curl_slist_append(headers.release(), line.c_str()));
  };
  for (const std::string& header : request.headers) {
    add(header);
  }
  add(absl::StrCat("x-amz-content-sha256: ", corpus::hex(corpus::sha256(request.body))));
  if (!options_.credentials.session_token.empty()) {
    add(absl::StrCat("x-amz-security-token: ", options_.credentials.session_token));
  }
  Reply reply;
  Body body{request.body, request.body};
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  if (client::is_loopback_server(client::host_of(options_.endpoint))) {
    curl_easy_setopt(curl.get(), CURLOPT_NOPROXY, "*");
  }
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, kWireConnectSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, kWireSilenceSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_AWS_SIGV4, provider.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_USERNAME, options_.credentials.access_key_id.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PASSWORD, options_.credentials.secret_access_key.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, keep_body);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &reply.body);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, keep_header);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &reply);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, look_whether_to_go_on);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &options_.go_on);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  if (!options_.ca_file.empty()) {
    curl_easy_setopt(curl.get(), CURLOPT_CAINFO, options_.ca_file.c_str());
  }
  name_method(curl.get(), request, body);
  const CURLcode result = curl_easy_perform(curl.get());
  if (result == CURLE_ABORTED_BY_CALLBACK) {
    return absl::CancelledError("interrupted");
  }
  if (const absl::Status status = client::check_result(options_.endpoint, result, 0); !status.ok()) {
    return status;
  }
  long code = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &code);
  reply.status = static_cast<int>(code);
  return reply;
}

}  // namespace harvest::s3
