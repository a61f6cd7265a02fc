#pragma once

#include <string_view>

#include "service/dialect/http_message.h"

namespace harvest::transport {

/// Gathers one response as libcurl hands it out, under caps: the server is not trusted to stop.
class ResponseReader {
 public:
  static constexpr size_t kHeaderBytesMax = 64 << 10;
  static constexpr size_t kHeadersMax = 256;

  void begin(dialect::HttpExchange& exchange, int64_t body_bytes_max);

  /// One header line. A status line begins anew, so that of a 1xx and the final answer the last is kept. False: too
  /// large.
  bool header(std::string_view line);
  /// False: too large. `expected_bytes`: what the server announced, or negative.
  bool body(std::string_view bytes, int64_t expected_bytes);

  bool started() const { return header_bytes_ > 0; }
  bool too_large() const { return too_large_; }

 private:
  bool refuse() {
    too_large_ = true;
    return false;
  }

  dialect::HttpExchange* exchange_ = nullptr;
  int64_t body_bytes_max_ = 0;
  size_t header_bytes_ = 0;
  bool too_large_ = false;
};

}  // namespace harvest::transport
