#include "service/transport/response_reader.h"

#include <catch2/catch.hpp>

using harvest::dialect::HttpExchange;
using harvest::transport::ResponseReader;
using Progress = ResponseReader::Progress;

namespace {

constexpr int64_t kBodyMax = 1000;

/// Feeds `text` in pieces of `piece` bytes; the last progress.
Progress fed(ResponseReader& reader, HttpExchange& exchange, std::string_view text, size_t piece) {
  reader.begin(exchange, kBodyMax);
  Progress progress = Progress::kMore;
  for (size_t at = 0; at < text.size() && progress == Progress::kMore; at += piece)
    progress = reader.feed(text.substr(at, piece));
  return progress;
}

}  // namespace

TEST_CASE("a response is read the same however it is cut", "[transport]") {
  const std::string_view text = GENERATE(
      std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello"),
      std::string_view("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n"
                       "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nX-Late: 1\r\n\r\n"));
  for (const size_t piece : {size_t{1}, size_t{2}, size_t{7}, text.size()}) {
    INFO(piece);
    ResponseReader reader;
    HttpExchange exchange;
    CHECK(fed(reader, exchange, text, piece) == Progress::kWhole);
    CHECK(exchange.status == 200);
    CHECK(exchange.body == "hello");
    CHECK(exchange.header("x-a") == "b");
    CHECK(reader.reusable());
  }
}

TEST_CASE("a connection is kept only where the server says so and says no more than its answer", "[transport]") {
  ResponseReader reader;
  HttpExchange exchange;
  fed(reader, exchange, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 100);
  CHECK_FALSE(reader.reusable());
  fed(reader, exchange, "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 100);
  CHECK_FALSE(reader.reusable());
  fed(reader, exchange, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc", 100);
  CHECK_FALSE(reader.reusable());
}

TEST_CASE("a body without a stated length is whole when the server closes, any other is cut", "[transport]") {
  ResponseReader reader;
  HttpExchange exchange;
  CHECK(fed(reader, exchange, "HTTP/1.1 200 OK\r\n\r\nabc", 4) == Progress::kMore);
  CHECK(reader.close() == Progress::kWhole);
  CHECK(exchange.body == "abc");
  CHECK_FALSE(reader.reusable());
  HttpExchange cut;
  CHECK(fed(reader, cut, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", 100) == Progress::kMore);
  CHECK(reader.close() == Progress::kGarbled);
  HttpExchange silent;
  reader.begin(silent, kBodyMax);
  CHECK(reader.close() == Progress::kGarbled);
}

TEST_CASE("what passes a cap is too large and what is no HTTP garbled", "[transport]") {
  ResponseReader reader;
  HttpExchange exchange;
  CHECK(fed(reader, exchange, "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", 100) == Progress::kTooLarge);
  CHECK(fed(reader, exchange, "HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x'), 100) == Progress::kTooLarge);
  CHECK(fed(reader, exchange, "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x'), 1000) == Progress::kTooLarge);
  CHECK(fed(reader, exchange, "SSH-2.0-OpenSSH_9.2\r\n\r\n", 100) == Progress::kGarbled);
  CHECK(fed(reader, exchange, "HTTP/1.1 101 Switching Protocols\r\n\r\n", 100) == Progress::kGarbled);
  std::string interim;
  for (int i = 0; i < 100; ++i) interim += "HTTP/1.1 103 Early Hints\r\n\r\n";
  CHECK(fed(reader, exchange, interim, 100) == Progress::kGarbled);
}
