#include "proto/text/ulid.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <set>

using namespace harvest::text;

TEST_CASE("a ULID has the text that the specification gives", "[text]") {
  CHECK(to_text(make_ulid(0, {})) == "00000000000000000000000000");
  // The specification's example time, 2016-07-30T23:54:10.259Z, is 01ARZ3NDEK.
  CHECK(to_text(make_ulid(1469922850259000, {})).substr(0, 10) == "01ARZ3NDEK");
  Ulid all;
  all.fill(0xff);
  CHECK(to_text(all) == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
}

TEST_CASE("ULIDs survive text and bytes", "[text]") {
  UlidSource source;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const Ulid ulid = source.next(1'790'000'000'000'000 + i * 1000);
    CHECK(parse_ulid(to_text(ulid)).value() == ulid);
    CHECK(ulid_of_bytes(to_bytes(ulid)).value() == ulid);
    CHECK(utc_ms_of(ulid) == 1'790'000'000'000 + i);
    CHECK(seen.insert(to_text(ulid)).second);
  }
  const std::string id = source.next_id("j_", 1'790'000'000'000'000);
  CHECK(id.size() == 28);
  CHECK(parse_id("j_", id).ok());
  CHECK_FALSE(parse_id("r_", id).ok());
}

TEST_CASE("texts order as times do", "[text]") {
  UlidSource source;
  CHECK(to_text(source.next(1'000'000)) < to_text(source.next(2'000'000)));
}

TEST_CASE("what is no ULID is refused", "[text]") {
  for (const char* wrong : {"", "01ARZ3NDEK", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "01ARZ3NDEKTSV4RRFFQ69G5FAU",
                            "01ARZ3NDEKTSV4RRFFQ69G5FA!", "01ARZ3NDEKTSV4RRFFQ69G5FAVV"}) {
    INFO(wrong);
    CHECK_FALSE(parse_ulid(wrong).ok());
  }
  CHECK(parse_ulid("01arz3ndektsv4rrffq69g5fav").value() == parse_ulid("01ARZ3NDEKTSV4RRFFQ69G5FAV").value());
  CHECK_FALSE(ulid_of_bytes("short").ok());
}
