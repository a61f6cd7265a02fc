#include "service/dialect/limit_headers.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using harvest::dialect::parse_reset;
using std::chrono::nanoseconds;

namespace {

constexpr int64_t kNowUs = 1795132800'000000;

std::optional<nanoseconds> reset(std::string_view text) {
  return parse_reset(text, kNowUs);
}

}  // namespace

TEST_CASE("durations of every vendor are read", "[dialect]") {
  CHECK(reset("12ms") == 12ms);
  CHECK(reset("1s") == 1s);
  CHECK(reset("6m0s") == 6min);
  CHECK(reset("1h30m") == 90min);
  CHECK(reset("2m59.56s") == 179560ms);
  CHECK(reset("1d") == 24h);
  CHECK(reset("250us") == 250us);
  CHECK(reset(" 7 ") == 7s);
  CHECK(reset("0.5") == 500ms);
  CHECK(reset("1795132860") == 60s);
  CHECK(reset("1795132830500") == 30500ms);
  CHECK(reset("2026-11-20T00:00:10Z") == 10s);
}

TEST_CASE("what is past is now and what is beyond a day is a day", "[dialect]") {
  CHECK(reset("-3") == 0s);
  CHECK(reset("1795132799") == 0s);
  CHECK(reset("2020-01-01T00:00:00Z") == 0s);
  CHECK(reset("400h") == 24h);
  CHECK(reset("1e300") == 24h);
}

TEST_CASE("what is no duration is none", "[dialect]") {
  for (const char* text : {"", " ", "soon", "1x", "s", "1s!", "-1s", "nan", "inf", "1m 2s", "0x10", "1e400"}) {
    INFO(text);
    CHECK_FALSE(reset(text));
  }
}
