// The request parser: whole, in pieces, chunked, and what it refuses.
#include "tests/teachersim/server/http_request.h"

#include <catch2/catch.hpp>
#include <string>

using namespace teachersim;
using State = ParsedHttp::State;

namespace {

const std::string kPost =
    "POST /v1/chat/completions?x=1 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer  key \r\nContent-Length: "
    "5\r\n\r\nhello";

State state_of(const std::string& text) {
  HttpRequest request;
  return parse_http(text, request).state;
}

}  // namespace

TEST_CASE("a request is read with its path and its key and its body", "[http]") {
  HttpRequest request;
  const std::string two = kPost + "GET ";
  const ParsedHttp parsed = parse_http(two, request);
  REQUIRE(parsed.state == State::kComplete);
  CHECK(parsed.consumed == kPost.size());
  CHECK(request.method == "POST");
  CHECK(request.path == "/v1/chat/completions");
  CHECK(request.credential == "key");
  CHECK(request.body == "hello");
  CHECK(request.keep_alive);
}

TEST_CASE("every beginning of a request asks for more", "[http]") {
  for (std::size_t size = 0; size < kPost.size(); ++size) {
    HttpRequest request;
    const std::string part = kPost.substr(0, size);
    const ParsedHttp parsed = parse_http(part, request);
    CHECK(parsed.state == State::kMore);
    CHECK(parsed.needed > size);
    CHECK(parsed.needed <= kPost.size());
  }
}

TEST_CASE("a chunked body is joined", "[http]") {
  const std::string chunked =
      "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n7\r\n, world\r\n0\r\nTrailer: "
      "t\r\n\r\n";
  HttpRequest request;
  const ParsedHttp parsed = parse_http(chunked, request);
  REQUIRE(parsed.state == State::kComplete);
  CHECK(request.body == "hello, world");
  CHECK(parsed.consumed == chunked.size());
  for (std::size_t size = 0; size < chunked.size(); ++size) CHECK(state_of(chunked.substr(0, size)) == State::kMore);
}

TEST_CASE("connections are kept as the client wishes", "[http]") {
  HttpRequest request;
  parse_http("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", request);
  CHECK_FALSE(request.keep_alive);
  parse_http("GET / HTTP/1.0\r\n\r\n", request);
  CHECK_FALSE(request.keep_alive);
  parse_http("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n", request);
  CHECK(request.expects_continue);
}

TEST_CASE("what is not HTTP is refused", "[http]") {
  for (const char* wrong :
       {"nonsense\r\n\r\n", "GET / HTTP/2\r\n\r\n", "GET  HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 5x\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    INFO(wrong);
    CHECK(state_of(wrong) == State::kBad);
  }
  HttpRequest request;
  CHECK(parse_http("POST / HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n", request).status == 413);
  CHECK(parse_http(std::string(kHeadMax + 1, 'x'), request).status == 431);
}
