#include "service/transport/request_head.h"

#include <catch2/catch.hpp>

using harvest::transport::Origin;
using harvest::transport::RequestHead;

TEST_CASE("an origin is what the URL's own parser says", "[transport]") {
  const auto plain = Origin::of("http://Example.org/v1/");
  REQUIRE(plain);
  CHECK(plain->url == "http://Example.org/");
  CHECK(plain->path_prefix == "/v1");
  CHECK_FALSE(plain->tls);
  const auto other_port = Origin::of("https://[::1]:8443");
  REQUIRE(other_port);
  CHECK(other_port->host == "[::1]:8443");
  CHECK(other_port->path_prefix.empty());
  CHECK(other_port->tls);
  CHECK(Origin::of("https://example.org:443/x")->host == "example.org");
}

TEST_CASE("an address with a user, a query, a fragment or another scheme is no origin", "[transport]") {
  for (const char* url : {"http://user:secret@example.org/", "http://example.org/?a=b", "http://example.org/#x",
                          "ftp://example.org/", "file:///etc/passwd", "example org", ""}) {
    INFO(url);
    CHECK_FALSE(Origin::of(url));
  }
}

TEST_CASE("a head is written once and carries any body", "[transport]") {
  const Origin origin = *Origin::of("http://127.0.0.1:8000/v1");
  const auto headers = harvest::dialect::shared_headers({{"X-A", "b"}});
  const auto head = RequestHead::make(origin, "/chat", headers, {"Authorization", "Bearer k"});
  REQUIRE(head != nullptr);
  const std::string wire = head->with_body("{}");
  CHECK(wire.starts_with("POST /v1/chat HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nUser-Agent: harvestd/"));
  CHECK(wire.find("\r\nX-A: b\r\nAuthorization: Bearer k\r\n") != std::string::npos);
  CHECK(wire.ends_with("\r\nContent-Length: 2\r\n\r\n{}"));
  CHECK(head->serves({.path = "/chat", .headers = headers}));
  CHECK_FALSE(head->serves({.path = "/chat", .headers = harvest::dialect::shared_headers({{"X-A", "c"}})}));
  CHECK(RequestHead::make(origin, "/x y", {}, {}) == nullptr);
  CHECK(RequestHead::make(origin, "/x\r\nX-B: 1", {}, {}) == nullptr);
}
