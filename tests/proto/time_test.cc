#include "proto/text/time.h"

#include <catch2/catch.hpp>

using namespace harvest::text;

TEST_CASE("times are written and read as RFC 3339", "[text]") {
  CHECK(format_utc(0) == "1970-01-01T00:00:00Z");
  CHECK(format_utc(1'790'000'000'123'456) == "2026-09-21T14:13:20.123456Z");
  CHECK(parse_utc("2026-09-21T14:13:20.123456Z").value() == 1'790'000'000'123'456);
  CHECK(parse_utc("2026-09-21T16:13:20+02:00").value() == 1'790'000'000'000'000);
  for (const char* wrong : {"", "2026-09-21", "2026-09-21 14:13:20Z", "2026-13-01T00:00:00Z", "2026-09-21T14:13:20",
                            "1960-01-01T00:00:00Z", "tomorrow"}) {
    INFO(wrong);
    CHECK_FALSE(parse_utc(wrong).ok());
  }
}

TEST_CASE("days are UTC days", "[text]") {
  CHECK(day_of(86'399'999'999) == 0);
  CHECK(day_of(86'400'000'000) == 1);
  CHECK(day_of(-1) == -1);
  CHECK(format_day(0) == "1970-01-01");
  CHECK(format_day(parse_day("2028-02-29").value()) == "2028-02-29");
  for (const char* wrong : {"", "2026-02-29", "2026-2-1", "2026-02-01 ", "02/01/2026"}) {
    INFO(wrong);
    CHECK_FALSE(parse_day(wrong).ok());
  }
}
