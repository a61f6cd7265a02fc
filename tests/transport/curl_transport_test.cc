#include "service/transport/curl_transport.h"

#include <catch2/catch.hpp>

#include "tests/transport/bad_teacher.h"
#include "tests/transport/exchange_probe.h"

using harvest::dialect::HttpExchange;
using harvest::dialect::WireError;
using harvest::testing::BadTeacher;
using harvest::testing::ExchangeProbe;
using harvest::testing::Line;

TEST_CASE("an answer comes back whole with its headers in lower case", "[transport]") {
  BadTeacher teacher;
  teacher.when("/v1/chat/completions").answer(BadTeacher::ok(R"({"ok":true})", "X-Request-ID: abc \r\n"));
  ExchangeProbe probe;
  const auto endpoint = probe.endpoint(teacher.url("/v1/"));  // the slash is not doubled
  const HttpExchange exchange = probe.ask(endpoint, "/chat/completions", R"({"model":"m"})");
  CHECK(exchange.error == WireError::kNone);
  CHECK(exchange.sent);
  CHECK(exchange.status == 200);
  CHECK(exchange.body == R"({"ok":true})");
  CHECK(exchange.header("x-request-id") == "abc");
  CHECK(exchange.duration >= exchange.first_byte);
  CHECK(exchange.first_byte.count() > 0);
}

TEST_CASE("a request says who we are and nothing that was not asked for", "[transport]") {
  BadTeacher teacher;
  teacher.when("/x").answer(BadTeacher::ok("{}"));
  ExchangeProbe probe;
  probe.ask(probe.endpoint(teacher.url()), "/x", R"({"model":"m"})");
  const std::string request = teacher.last_request();
  CHECK(request.starts_with("POST /x HTTP/1.1\r\n"));
  CHECK(request.find("User-Agent: harvestd/") != std::string::npos);
  CHECK(request.find("(+teacher-query harvesting service)\r\n") != std::string::npos);
  CHECK(request.find("Accept-Encoding: identity\r\n") != std::string::npos);
  CHECK(request.find(std::string("Authorization: Bearer ") + ExchangeProbe::kKey + "\r\n") != std::string::npos);
  CHECK(request.find("Expect:") == std::string::npos);
  CHECK(request.find("Cookie:") == std::string::npos);
  CHECK(request.ends_with("\r\n\r\n{\"model\":\"m\"}"));
}

TEST_CASE("requests one after the other share a connection", "[transport]") {
  BadTeacher teacher;
  teacher.when("/x").answer(BadTeacher::ok("{}"));
  ExchangeProbe probe;
  const auto endpoint = probe.endpoint(teacher.url());
  for (int i = 0; i < 10; ++i) CHECK(probe.ask(endpoint, "/x").error == WireError::kNone);
  CHECK(teacher.connections() == 1);
}

TEST_CASE("a body of some megabytes is sent without waiting for a go ahead", "[transport]") {
  BadTeacher teacher;
  teacher.when("/x").answer(BadTeacher::ok("{}"));
  ExchangeProbe probe;
  const std::string body(3 << 20, 'a');
  CHECK(probe.ask(probe.endpoint(teacher.url()), "/x", body).error == WireError::kNone);
  CHECK(teacher.last_request().ends_with("\r\n\r\n" + body));
}

TEST_CASE("an interim answer is not the answer", "[transport]") {
  BadTeacher teacher;
  teacher.when("/x").answer("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n" + BadTeacher::ok("{}", "X-Late: 1\r\n"));
  ExchangeProbe probe;
  const HttpExchange exchange = probe.ask(probe.endpoint(teacher.url()), "/x");
  CHECK(exchange.status == 200);
  CHECK(exchange.header("x-early").empty());
  CHECK(exchange.header("x-late") == "1");
}

TEST_CASE("a header that would smuggle in another is refused unsent", "[transport]") {
  BadTeacher teacher;
  ExchangeProbe probe;
  const auto endpoint = probe.endpoint(teacher.url());
  const auto send = [&](std::string name, std::string value) {
    harvest::dialect::HttpRequest request{
        .path = "/x", .headers = harvest::dialect::shared_headers({{name, value}}), .body = "{}"};
    probe.transport.send(endpoint, std::move(request),
                         [&](HttpExchange exchange) { probe.ended.push_back(std::move(exchange)); });
  };
  send("X-A", "1\r\nX-B: 2");
  send("X-A\r\nX-B", "1");
  send("X A", "1");
  send("X-A", std::string("1\0", 2));
  REQUIRE(probe.run_until(4));
  for (const HttpExchange& exchange : probe.ended) {
    CHECK(exchange.error == WireError::kBadRequest);
    CHECK_FALSE(exchange.sent);
  }
  CHECK(teacher.received("/x") == 0);
}

TEST_CASE("an endpoint that is no http address is refused unsent", "[transport]") {
  ExchangeProbe probe;
  for (const char* url : {"file:///etc/passwd", "gopher://127.0.0.1:1", "http://a b/", "not a url"}) {
    INFO(url);
    const HttpExchange exchange = probe.ask(probe.endpoint(url), "/x");
    CHECK(exchange.error == WireError::kBadRequest);
    CHECK_FALSE(exchange.sent);
  }
}

TEST_CASE("cancelling ends every request in flight and every one on its way", "[transport]") {
  BadTeacher teacher;
  teacher.when("/silent").then([](Line& line) { line.read_request(); });
  ExchangeProbe probe;
  const auto endpoint = probe.endpoint(teacher.url());
  for (int i = 0; i < 20; ++i) probe.send(endpoint, "/silent");
  SECTION("at once") {}
  SECTION("after they were sent") {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  probe.transport.cancel_all();
  REQUIRE(probe.run_until(20));
  for (const HttpExchange& exchange : probe.ended) CHECK(exchange.error == WireError::kCancelled);
  teacher.when("/x").answer(BadTeacher::ok("{}"));
  CHECK(probe.ask(endpoint, "/x").error == WireError::kNone);  // and the transport goes on
}

TEST_CASE("destroying the transport drops what is in flight without a call", "[transport]") {
  BadTeacher teacher;
  teacher.when("/silent").then([](Line& line) { line.read_request(); });
  int called = 0;
  boost::asio::io_context lane;
  {
    harvest::transport::CurlTransport transport(lane, 2);
    const auto endpoint = transport.add_endpoint(ExchangeProbe::options(teacher.url()));
    for (int i = 0; i < 10; ++i)
      transport.send(endpoint, {.path = "/silent", .body = "{}"}, [&](HttpExchange) { ++called; });
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  lane.run();
  CHECK(called == 0);
}

TEST_CASE("an endpoint's credential is exchanged under way, on the same connection", "[transport]") {
  BadTeacher teacher;
  teacher.when("/x").answer(BadTeacher::ok("{}"));
  ExchangeProbe probe;
  const auto endpoint = probe.endpoint(teacher.url());
  probe.ask(endpoint, "/x");
  probe.transport.set_credential(endpoint, {.header = {"Authorization", "Bearer sk-another-key"}, .signer = nullptr});
  probe.ask(endpoint, "/x");
  CHECK(teacher.last_request().find("Authorization: Bearer sk-another-key\r\n") != std::string::npos);
  CHECK(teacher.last_request().find(ExchangeProbe::kKey) == std::string::npos);
  CHECK(teacher.connections() == 1);

  // And it is the new one that is taken out of what a server repeats.
  teacher.when("/echo").answer("HTTP/1.1 401 no\r\nContent-Length: 21\r\n\r\nBearer sk-another-key");
  CHECK(probe.ask(endpoint, "/echo").body.find("another-key") == std::string::npos);
}
