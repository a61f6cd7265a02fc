#include "proto/text/age.h"

#include <catch2/catch.hpp>

using namespace harvest::text;

TEST_CASE("an age is written in days, hours and less", "[text]") {
  constexpr int64_t kHourUs = 3'600'000'000;
  CHECK(parse_age("12h").value() == 12 * kHourUs);
  CHECK(parse_age("7d").value() == 7 * 24 * kHourUs);
  CHECK(parse_age("1d12h").value() == 36 * kHourUs);
  CHECK(parse_age("1d1h30m").value() == 25 * kHourUs + kHourUs / 2);
  CHECK(parse_age("90s").value() == kHourUs / 40);
  for (const char* wrong : {"", "7", "d", "0h", "0d", "-1h", "-7d", "1d-2h", "inf", "7 d", " 7d", "7d ", "soon",
                            "12h7d", "9999999d", "99999999999999999999d"}) {
    INFO(wrong);
    CHECK_FALSE(parse_age(wrong).ok());
  }
  CHECK(parse_age("soon").status().message() == "found 'soon', expected an age like 12h, 7d or 1d12h");
}
