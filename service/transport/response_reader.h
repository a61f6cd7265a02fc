#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "service/dialect/http_message.h"

namespace harvest::transport {

/// Gathers one response from the bytes of a connection, under caps: the server is not trusted to stop. Does no I/O.
/// Interim responses (1xx) are passed over. The grammar is Boost.Beast's parser; this adds caps and keeps what is
/// asked.
class ResponseReader {
 public:
  static constexpr size_t kHeaderBytesMax = 64 << 10;
  static constexpr size_t kHeadersMax = 256;

  enum class Progress : uint8_t { kMore, kWhole, kTooLarge, kGarbled };

  ResponseReader();
  ~ResponseReader();

  /// The response to come is written into `exchange`, which outlives the reading.
  void begin(dialect::HttpExchange& exchange, int64_t body_bytes_max);
  Progress feed(std::string_view bytes);
  /// The server closed: a body without a stated length is whole by it, all else is cut.
  Progress close();

  /// Has a byte come?
  bool started() const { return started_; }
  /// After kWhole: may the connection carry another request? Not where the server says so, nor where it sent more than
  /// its answer.
  bool reusable() const { return reusable_; }

 private:
  class Parser;
  Progress parse(std::string_view& bytes);

  std::unique_ptr<Parser> parser_;
  dialect::HttpExchange* exchange_ = nullptr;
  int64_t body_bytes_max_ = 0;
  uint64_t bytes_expected_ = 0;  ///< of a body whose length is not stated: after the last such one
  std::string unread_;           ///< the beginning of what the parser wants in one piece (a head, a chunk's size)
  int interim_ = 0;
  bool started_ = false, reusable_ = false;
};

}  // namespace harvest::transport
