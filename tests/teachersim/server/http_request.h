#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace teachersim {

/// One HTTP/1.1 request, as views into the buffer it was parsed from (the body into `unchunked` if it came in chunks).
struct HttpRequest {
  std::string_view method;
  std::string_view path;        // without the query string
  std::string_view query;       // the query string without its '?'
  std::string_view headers;     // the header lines, each ended by CRLF
  std::string_view credential;  // of "Authorization: Bearer" or "api-key"
  std::string_view body;
  bool keep_alive = true;
  bool expects_continue = false;
  std::string unchunked;
};

/// A minimal parser of requests, enough for well-behaved HTTP/1.x clients: Content-Length or chunked bodies, no
/// trailers of interest, no obsolete line folding. Pure.
struct ParsedHttp {
  enum class State { kComplete, kMore, kBad };
  State state = State::kMore;
  std::size_t consumed = 0;  // when complete
  std::size_t needed = 0;    // when more: a total size below which parsing again is pointless
  bool head_complete = false;
  int status = 400;  // when bad: how to refuse
};
ParsedHttp parse_http(std::string_view buffer, HttpRequest& request);

inline constexpr std::size_t kHeadMax = 64 * 1024;
inline constexpr std::size_t kBodyMax = 256 * 1024 * 1024;  // files of batches are large

}  // namespace teachersim
