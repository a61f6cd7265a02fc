#include "service/http/conditional.h"

#include <catch2/catch.hpp>

#include "service/http/connection_book.h"
#include "service/http/host_list.h"

namespace harvest::http {
namespace {

TEST_CASE("an entity tag is the quoted digest", "[conditional]") {
  CHECK(etag_of("ab12") == "\"sha256-ab12\"");
}

TEST_CASE("a list of tags names one of them weakly or strongly", "[conditional]") {
  const std::string etag = etag_of("ab");
  for (const char* list : {"\"sha256-ab\"", "W/\"sha256-ab\"", "\"x\", \"sha256-ab\"", "\"a,b\" ,\"sha256-ab\"", "*"}) {
    INFO(list);
    CHECK(lists_etag_weakly(list, etag));
  }
  for (const char* list : {"", "sha256-ab", "\"sha256-a\"", "\"sha256-ab", "x, \"sha256-ab\"", "\"SHA256-AB\""}) {
    INFO(list);
    CHECK_FALSE(lists_etag_weakly(list, etag));
  }
  CHECK(lists_etag_strongly("\"sha256-ab\"", etag));
  CHECK_FALSE(lists_etag_strongly("W/\"sha256-ab\"", etag));
}

TEST_CASE("If-Range holds for the same strong tag only", "[conditional]") {
  const std::string etag = etag_of("ab");
  CHECK(if_range_holds("", etag));
  CHECK(if_range_holds("\"sha256-ab\"", etag));
  CHECK_FALSE(if_range_holds("W/\"sha256-ab\"", etag));
  CHECK_FALSE(if_range_holds("\"sha256-cd\"", etag));
  CHECK_FALSE(if_range_holds("Sun, 22 Nov 2026 00:00:00 GMT", etag));
}

TEST_CASE("a host is allowed by name and with any port", "[host]") {
  const HostList hosts({"harvest.internal"});
  for (const char* host :
       {"localhost", "LOCALHOST:7071", "127.0.0.1:1", "[::1]", "[::1]:7071", "Harvest.Internal:80"}) {
    INFO(host);
    CHECK(hosts.allows(host));
  }
  for (const char* host : {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "localhost:7071x",
                           "[::1", "[::1]x", "localhost@evil.example", ":7071", "localhost:80:80", "127.0.0.2"}) {
    INFO(host);
    CHECK_FALSE(hosts.allows(host));
  }
}

TEST_CASE("connections are bounded in all and for each address", "[connections]") {
  ConnectionBook book(3, 2);
  CHECK(book.enter("a"));
  CHECK(book.enter("a"));
  CHECK_FALSE(book.enter("a"));
  CHECK(book.enter("b"));
  CHECK_FALSE(book.enter("c"));
  book.leave("a");
  CHECK(book.enter("c"));
  CHECK(book.total() == 3);
  book.leave("never came");
  CHECK(book.total() == 3);
}

}  // namespace
}  // namespace harvest::http
