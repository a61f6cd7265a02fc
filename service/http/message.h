#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

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

  std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

}  // namespace harvest::http
