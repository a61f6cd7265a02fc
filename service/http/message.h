#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "service/http/sources.h"

namespace harvest::http {

/// What the routes look at of a request: plain values, so that they are tested without a socket. Empty: the header was
/// not sent.
struct Request {
  std::string method;  // as sent: GET, HEAD, ...
  std::string target;  // as sent: /v1/datasets?x=y
  std::string host;
  std::string range;
  std::string if_range;
  std::string if_match;
  std::string if_none_match;
  std::string authorization;
};

/// Bytes of a file, by position. The server opens it, and answers 503 when its size is not `file_bytes`.
struct FileSlice {
  std::string path;
  uint64_t first = 0;
  uint64_t length = 0;
  uint64_t file_bytes = 0;
};

/// What to answer. `length` is what Content-Length says; with HEAD and 304 no byte of the body is sent.
struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::variant<std::string, FileSlice> body;
  uint64_t length = 0;
  bool send_body = true;
  /// What the client waits for is not there yet: the server asks again at each ring, at most so long, and then sends
  /// this.
  std::optional<std::chrono::seconds> wait{};
  std::optional<Download> download{};  ///< whom and what to tell of when it is sent

  std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

}  // namespace harvest::http
