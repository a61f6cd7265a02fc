#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harvest::dialect {

using Headers = std::vector<std::pair<std::string, std::string>>;
using SharedHeaders = std::shared_ptr<const Headers>;

inline SharedHeaders shared_headers(Headers headers) {
  return std::make_shared<const Headers>(std::move(headers));
}

/// One request as plain values. `path` is appended to the endpoint's URL, or stands behind its host alone (`at_root`).
/// The authorization header is no part of it: the transport adds the secret on the wire, so that requests can be
/// logged, compared and stored in golden files.
struct HttpRequest {
  enum class Method : uint8_t { kPost, kGet, kDelete };
  Method method = Method::kPost;
  std::string path;
  bool at_root = false;
  SharedHeaders headers;  ///< made once for all requests of a kind; null: none
  std::string body;
  bool streamed = false;                ///< the answer comes in pieces: silence between them is a stall
  int64_t response_bytes_max = 0;       ///< of its body; 0: as every answer's
  std::chrono::nanoseconds time_max{};  ///< until the answer is whole; 0: as every answer's
};

/// How an exchange ended below HTTP.
enum class WireError : uint8_t {
  kNone,           ///< a whole response was read
  kNotConnected,   ///< name, connect or TLS failed: nothing was sent
  kResendBlocked,  ///< the kept-alive connection died before an answer; nothing below us sends the request again
  kTimeout,        ///< sent, then silence or too slow
  kReset,          ///< sent, then closed or reset before the response was whole
  kTooLarge,       ///< the response passed the size cap
  kCancelled,      ///< we gave up (drain)
  kBadRequest,     ///< could not be sent at all (malformed URL or header)
};

/// What came back for one request. `sent` tells whether request bytes may have reached the teacher.
struct HttpExchange {
  /// When a part of the body had come, for those who ask when a stream said what.
  struct Mark {
    size_t body_bytes = 0;
    std::chrono::nanoseconds at{};  ///< since the request was begun
  };
  static constexpr size_t kMarksMax = 64;

  WireError error = WireError::kNone;
  bool sent = false;
  std::string error_text;  ///< for people; never holds a secret
  int status = 0;
  Headers headers;   ///< names in lower case
  std::string body;  ///< decoded from transfer and content coding
  std::chrono::nanoseconds duration{};
  std::chrono::nanoseconds first_byte{};
  std::vector<Mark> marks;  ///< of streams; the first kMarksMax reads

  /// When the body was this long; the end where no mark tells.
  std::chrono::nanoseconds time_of(size_t body_bytes) const {
    for (const Mark& mark : marks)
      if (mark.body_bytes >= body_bytes) return mark.at;
    return duration;
  }

  /// The first header of this (lower-case) name, or empty.
  std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return value;
    return {};
  }
};

}  // namespace harvest::dialect
