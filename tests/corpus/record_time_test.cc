#include <catch2/catch.hpp>
#include <cstdint>

#include "absl/time/time.h"
#include "storage/corpus/record.h"

using harvest::corpus::utc_text;

TEST_CASE("a time in a record always has its microseconds and is what a general formatter makes of it", "[corpus]") {
  CHECK(utc_text(0).empty());
  CHECK(utc_text(-1).empty());
  CHECK(utc_text(harvest::corpus::kUtcEndUs).empty());
  CHECK(utc_text(INT64_MAX).empty());
  CHECK(utc_text(harvest::corpus::kUtcEndUs - 1) == "9999-12-31T23:59:59.999999Z");
  CHECK(utc_text(1) == "1970-01-01T00:00:00.000001Z");
  constexpr int64_t kNearlyADay = 86'399'999'983;  // prime to a day: all hours, minutes and months come by
  for (int64_t at = 1'700'000'000'000'000; at < 4'200'000'000'000'000; at += kNearlyADay * 7)
    REQUIRE(utc_text(at) == absl::FormatTime("%Y-%m-%d%ET%H:%M:%E6SZ", absl::FromUnixMicros(at), absl::UTCTimeZone()));
  CHECK(utc_text(1'709'164'800'000'000) == "2024-02-29T00:00:00.000000Z");
}
