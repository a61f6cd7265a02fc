// What a teacher can do to us, and what it must come to. Each case is a misbehaviour seen in the wild.
#include <catch2/catch.hpp>

#include "tests/transport/bad_teacher.h"
#include "tests/transport/exchange_probe.h"

using namespace std::chrono_literals;
using harvest::dialect::HttpExchange;
using harvest::dialect::WireError;
using harvest::testing::BadTeacher;
using harvest::testing::ExchangeProbe;
using harvest::testing::Line;

TEST_CASE("a refused connection is known to have sent nothing", "[transport]") {
  int port;
  { port = BadTeacher().port(); }
  ExchangeProbe probe;
  const HttpExchange exchange = probe.ask(probe.endpoint("http://127.0.0.1:" + std::to_string(port)), "/x");
  CHECK(exchange.error == WireError::kNotConnected);
  CHECK_FALSE(exchange.sent);
  CHECK_FALSE(exchange.error_text.empty());
}

TEST_CASE("an endpoint that cannot be reached fails a whole crowd at once", "[transport]") {
  int port;
  { port = BadTeacher().port(); }
  ExchangeProbe probe;
  const auto endpoint = probe.endpoint("http://127.0.0.1:" + std::to_string(port));
  for (int i = 0; i < 500; ++i) probe.send(endpoint, "/x");
  REQUIRE(probe.run_until(500));
  for (const HttpExchange& exchange : probe.ended) {
    CHECK(exchange.error == WireError::kNotConnected);
    CHECK_FALSE(exchange.sent);
  }
}

TEST_CASE("a name that does not exist is known to have sent nothing", "[transport]") {
  ExchangeProbe probe;
  const HttpExchange exchange = probe.ask(probe.endpoint("http://no-such-host.invalid"), "/x");
  CHECK(exchange.error == WireError::kNotConnected);
  CHECK_FALSE(exchange.sent);
}

TEST_CASE("a teacher that takes the request and says nothing times out as sent", "[transport]") {
  BadTeacher teacher;
  teacher.when("/x").then([](Line& line) { line.read_request(); });
  ExchangeProbe probe;
  const auto began = std::chrono::steady_clock::now();
  const HttpExchange exchange = probe.ask(probe.endpoint(teacher.url()), "/x");
  CHECK(exchange.error == WireError::kTimeout);
  CHECK(exchange.sent);
  CHECK(std::chrono::steady_clock::now() - began < 2s);  // the first-byte time-out of 1 s
  CHECK(teacher.received("/x") == 1);
}

TEST_CASE("a request with a time of its own is cut at it, before its first byte and after", "[transport]") {
  BadTeacher teacher;
  teacher.when("/mute").then([](Line& line) { line.read_request(); });
  teacher.when("/drips").then([](Line& line) {
    line.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
    for (int i = 0; i < 100 && line.send("x"); ++i) line.wait(50ms);
  });
  ExchangeProbe probe;
  const auto endpoint = probe.endpoint(teacher.url());
  const auto began = std::chrono::steady_clock::now();
  for (const char* path : {"/mute", "/drips"}) {
    harvest::dialect::HttpRequest request;
    request.path = path;
    request.time_max = 200ms;
    probe.transport.send(endpoint, std::move(request),
                         [&](HttpExchange exchange) { probe.ended.push_back(std::move(exchange)); });
  }
  REQUIRE(probe.run_until(2));
  for (const HttpExchange& exchange : probe.ended) {
    CHECK(exchange.error == WireError::kTimeout);
    CHECK(exchange.sent);
  }
  CHECK(std::chrono::steady_clock::now() - began < 900ms);  // the first-byte time-out is 1 s, the total one 2 s
}

TEST_CASE("a teacher that drips bytes is cut at the total time-out", "[transport]") {
  BadTeacher teacher;
  teacher.when("/x").then([](Line& line) {
    line.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
    for (int i = 0; i < 100 && line.send("x"); ++i) line.wait(100ms);
  });
  ExchangeProbe probe;
  const auto began = std::chrono::steady_clock::now();
  const HttpExchange exchange = probe.ask(probe.endpoint(teacher.url()), "/x");
  const auto took = std::chrono::steady_clock::now() - began;
  CHECK(exchange.error == WireError::kTimeout);
  CHECK(exchange.sent);
  CHECK(took > 2s);
  CHECK(took < 5s);
}

TEST_CASE("slow bytes that end in time are an answer", "[transport]") {
  BadTeacher teacher;
  teacher.when("/x").then([](Line& line) {
    for (const char byte : BadTeacher::ok(R"({"slow":true})")) {
      line.send({&byte, 1});
      line.wait(5ms);
    }
  });
  ExchangeProbe probe;
  const HttpExchange exchange = probe.ask(probe.endpoint(teacher.url()), "/x");
  CHECK(exchange.error == WireError::kNone);
  CHECK(exchange.body == R"({"slow":true})");
}

TEST_CASE("a connection cut within the answer is a reset", "[transport]") {
  BadTeacher teacher;
  const bool hard = GENERATE(false, true);
  teacher.when("/x").then([hard](Line& line) {
    line.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":");
    line.wait(50ms);
    hard ? line.reset() : line.close();
  });
  ExchangeProbe probe;
  const HttpExchange exchange = probe.ask(probe.endpoint(teacher.url()), "/x");
  CHECK(exchange.error == WireError::kReset);
  CHECK(exchange.sent);
}

TEST_CASE("a connection cut within a chunk is a reset", "[transport]") {
  BadTeacher teacher;
  teacher.when("/x").then([](Line& line) {
    line.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n3\r\n1");
    line.close();
  });
  ExchangeProbe probe;
  CHECK(probe.ask(probe.endpoint(teacher.url()), "/x").error == WireError::kReset);
}

TEST_CASE("a fresh connection closed without a byte is a reset and one request", "[transport]") {
  BadTeacher teacher;
  teacher.when("/x").then([](Line& line) { line.close(); });
  ExchangeProbe probe;
  const HttpExchange exchange = probe.ask(probe.endpoint(teacher.url()), "/x");
  CHECK(exchange.error == WireError::kReset);
  CHECK(exchange.sent);
  CHECK(teacher.received("/x") == 1);
}

TEST_CASE("a kept connection that dies on a request does not get it sent twice", "[transport]") {
  BadTeacher teacher;
  const bool hard = GENERATE(false, true);
  teacher.when("/good").answer(BadTeacher::ok("{}"));
  teacher.when("/dies").then([hard](Line& line) { hard ? line.reset() : line.close(); });
  ExchangeProbe probe;
  const auto endpoint = probe.endpoint(teacher.url());
  REQUIRE(probe.ask(endpoint, "/good").error == WireError::kNone);
  const HttpExchange exchange = probe.ask(endpoint, "/dies");
  CHECK(exchange.error == WireError::kResendBlocked);
  CHECK(exchange.sent);
  CHECK(teacher.received("/dies") == 1);
  CHECK(probe.ask(endpoint, "/good").error == WireError::kNone);
}

TEST_CASE("a kept connection that died while idle is not used again", "[transport]") {
  BadTeacher teacher;
  teacher.when("/x").then([](Line& line) {
    line.send(BadTeacher::ok("{}"));
    line.wait(20ms);
    line.close();
  });
  ExchangeProbe probe;
  const auto endpoint = probe.endpoint(teacher.url());
  for (int i = 0; i < 5; ++i) {
    CHECK(probe.ask(endpoint, "/x").error == WireError::kNone);
    std::this_thread::sleep_for(60ms);
  }
  CHECK(teacher.received("/x") == 5);
}

TEST_CASE("bytes that nobody asked for are never the answer to the next request", "[transport]") {
  BadTeacher teacher;
  const bool later = GENERATE(false, true);
  teacher.when("/two").then([later](Line& line) {
    const std::string poison = BadTeacher::ok(R"({"poison":true})");
    if (!later) {
      line.send(BadTeacher::ok("{}") + poison);
      return;
    }
    line.send(BadTeacher::ok("{}"));
    line.wait(50ms);
    line.send(poison);
  });
  teacher.when("/next").answer(BadTeacher::ok(R"({"next":true})"));
  ExchangeProbe probe;
  const auto endpoint = probe.endpoint(teacher.url());
  CHECK(probe.ask(endpoint, "/two").body == "{}");
  if (later) std::this_thread::sleep_for(150ms);
  const HttpExchange next = probe.ask(endpoint, "/next");
  CHECK(next.error == WireError::kNone);
  CHECK(next.body == R"({"next":true})");
}

TEST_CASE("a length announced too long is a reset and one too short a cut body", "[transport]") {
  BadTeacher teacher;
  teacher.when("/long").then([](Line& line) {
    line.send("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"a\":1}");
    line.close();
  });
  teacher.when("/short").answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{\"a\":1}");
  teacher.when("/negative").answer("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{\"a\":1}");
  ExchangeProbe probe;
  const auto endpoint = probe.endpoint(teacher.url());
  CHECK(probe.ask(endpoint, "/long").error == WireError::kReset);
  CHECK(probe.ask(endpoint, "/short").body == "{\"a");
  CHECK(probe.ask(endpoint, "/negative").error != WireError::kNone);
}

TEST_CASE("a body without an end is cut at the cap", "[transport]") {
  BadTeacher teacher;
  const bool chunked = GENERATE(false, true);
  teacher.when("/x").then([chunked](Line& line) {
    line.send(chunked ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" : "HTTP/1.1 200 OK\r\n\r\n");
    const std::string block(65536, 'x');
    const std::string chunk = chunked ? "10000\r\n" + block + "\r\n" : block;
    for (int i = 0; i < 10000 && line.send(chunk); ++i) {
    }
    line.close();
  });
  ExchangeProbe probe;
  const HttpExchange exchange = probe.ask(probe.endpoint(teacher.url()), "/x");
  CHECK(exchange.error == WireError::kTooLarge);
  CHECK(exchange.sent);
  CHECK(exchange.body.size() <= 1 << 20);
}

TEST_CASE("a flood of headers is cut at the cap", "[transport]") {
  BadTeacher teacher;
  const bool one_line = GENERATE(false, true);
  teacher.when("/x").then([one_line](Line& line) {
    line.send("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 100000; ++i)
      if (!line.send(one_line ? std::string(1000, 'x') : "X-Flood: " + std::string(100, 'y') + "\r\n")) break;
    line.close();
  });
  ExchangeProbe probe;
  const HttpExchange exchange = probe.ask(probe.endpoint(teacher.url()), "/x");
  CHECK(exchange.sent);
  CHECK(exchange.error == WireError::kTooLarge);
  CHECK(exchange.headers.size() <= 256);
}

TEST_CASE("a redirect is reported and not followed", "[transport]") {
  BadTeacher teacher, other;
  const int status = GENERATE(301, 302, 303, 307, 308);
  teacher.when("/x").answer("HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + other.url("/y") +
                            "\r\nContent-Length: 0\r\n\r\n");
  ExchangeProbe probe;
  const HttpExchange exchange = probe.ask(probe.endpoint(teacher.url()), "/x");
  CHECK(exchange.error == WireError::kNone);
  CHECK(exchange.status == status);
  CHECK(other.connections() == 0);
}

TEST_CASE("an answer without a body is an empty answer", "[transport]") {
  BadTeacher teacher;
  teacher.when("/x").answer("HTTP/1.1 204 No Content\r\n\r\n");
  ExchangeProbe probe;
  const HttpExchange exchange = probe.ask(probe.endpoint(teacher.url()), "/x");
  CHECK(exchange.error == WireError::kNone);
  CHECK(exchange.status == 204);
  CHECK(exchange.body.empty());
}

TEST_CASE("what is no http is a reset", "[transport]") {
  BadTeacher teacher;
  teacher.when("/x").then([](Line& line) {
    line.send("SSH-2.0-OpenSSH_9.2\r\n");
    line.close();
  });
  ExchangeProbe probe;
  CHECK(probe.ask(probe.endpoint(teacher.url()), "/x").error == WireError::kReset);
}

TEST_CASE("a key that the server repeats in its error is taken out", "[transport]") {
  BadTeacher teacher;
  const std::string body = std::string("{\"error\":{\"message\":\"bad key ") + ExchangeProbe::kKey + "\"}}";
  teacher.when("/x").answer("HTTP/1.1 401 Unauthorized\r\nX-Echo: Bearer " + std::string(ExchangeProbe::kKey) +
                            "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  ExchangeProbe probe;
  const HttpExchange exchange = probe.ask(probe.endpoint(teacher.url()), "/x");
  CHECK(exchange.status == 401);
  CHECK(exchange.body == R"({"error":{"message":"bad key [redacted]"}})");
  CHECK(exchange.header("x-echo") == "Bearer [redacted]");
}
