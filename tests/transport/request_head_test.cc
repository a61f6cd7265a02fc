#include "service/transport/request_head.h"

#include <catch2/catch.hpp>

using harvest::dialect::Credential;
using harvest::dialect::Headers;
using harvest::dialect::HttpRequest;
using harvest::dialect::shared_headers;
using harvest::transport::Origin;
using harvest::transport::RequestHead;

namespace {

const Credential kKey{.header = {"Authorization", "Bearer k"}, .signer = nullptr};

}  // namespace

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
  const auto headers = shared_headers({{"X-A", "b"}});
  const auto head = RequestHead::make(origin, {.path = "/chat", .headers = headers}, kKey, 0);
  REQUIRE(head != nullptr);
  const std::string wire = head->with_body("{}");
  CHECK(wire.starts_with("POST /v1/chat HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nUser-Agent: harvestd/"));
  CHECK(wire.find("\r\nX-A: b\r\nAuthorization: Bearer k\r\n") != std::string::npos);
  CHECK(wire.ends_with("\r\nContent-Length: 2\r\n\r\n{}"));
  CHECK(head->serves({.path = "/chat", .headers = headers}));
  CHECK_FALSE(head->serves({.path = "/chat", .headers = shared_headers({{"X-A", "c"}})}));
  CHECK_FALSE(head->serves({.method = HttpRequest::Method::kGet, .path = "/chat", .headers = headers}));
  CHECK(RequestHead::make(origin, {.path = "/x y"}, {}, 0) == nullptr);
  CHECK(RequestHead::make(origin, {.path = "/x\r\nX-B: 1"}, {}, 0) == nullptr);
}

TEST_CASE("what stands at an address's root is asked for there, and with a head of its own", "[transport]") {
  const Origin origin = *Origin::of("http://127.0.0.1:8000/v1");
  const auto head = RequestHead::make(origin, {.path = "/metrics", .at_root = true}, kKey, 0);
  REQUIRE(head != nullptr);
  CHECK(head->with_body("").starts_with("POST /metrics HTTP/1.1\r\n"));
  CHECK(head->serves({.path = "/metrics", .at_root = true}));
  CHECK_FALSE(head->serves({.path = "/metrics"}));
}

TEST_CASE("a head says how a thing is asked for", "[transport]") {
  const Origin origin = *Origin::of("http://127.0.0.1:8000/v1");
  const auto head = RequestHead::make(origin, {.method = HttpRequest::Method::kGet, .path = "/b?x=1"}, kKey, 0);
  REQUIRE(head != nullptr);
  CHECK(head->with_body("").starts_with("GET /v1/b?x=1 HTTP/1.1\r\n"));
}

TEST_CASE("a signed head is for one request and no other", "[transport]") {
  class Signer final : public harvest::dialect::RequestSigner {
   public:
    Headers sign(std::string_view method, std::string_view host, std::string_view target, std::string_view body,
                 int64_t utc_us) const override {
      std::string text(method);
      text.append(" ").append(host).append(" ").append(target).append(" ").append(body);
      return {{"X-Signed", text + " " + std::to_string(utc_us)}};
    }
  };
  const Origin origin = *Origin::of("http://127.0.0.1:8000/v1");
  const HttpRequest request{.path = "/chat", .body = "{}"};
  const auto head = RequestHead::make(origin, request, {.header = {}, .signer = std::make_shared<Signer>()}, 7);
  REQUIRE(head != nullptr);
  CHECK(head->with_body("{}").find("\r\nX-Signed: POST 127.0.0.1:8000 /v1/chat {} 7\r\n") != std::string::npos);
  CHECK_FALSE(head->serves(request));
}
