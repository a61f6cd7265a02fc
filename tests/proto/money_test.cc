#include "proto/text/money.h"

#include <catch2/catch.hpp>
#include <limits>

using namespace harvest::text;

TEST_CASE("dollars become picodollars exactly", "[text]") {
  CHECK(parse_usd("0").value() == 0);
  CHECK(parse_usd("0.000000000001").value() == 1);
  CHECK(parse_usd("12.34").value() == 12'340'000'000'000);
  CHECK(parse_usd("12.3400000000000000").value() == 12'340'000'000'000);
  CHECK(parse_usd("9223372.036854775807").value() == std::numeric_limits<int64_t>::max());
  CHECK(parse_usd_per_mtok("0.15").value() == 150'000);
  CHECK(parse_usd_per_mtok("0.000001").value() == 1);
  CHECK(parse_usd_per_mtok("75").value() == 75'000'000);
}

TEST_CASE("what is no exact amount is refused", "[text]") {
  for (const char* wrong : {"", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "$1", " 1", "1 ", "1.2.3", "abc", "nan",
                            "0.0000000000001", "9223372.036854775808", "99999999999999999999"}) {
    INFO(wrong);
    CHECK_FALSE(parse_usd(wrong).ok());
  }
  CHECK_FALSE(parse_usd_per_mtok("0.0000001").ok());
  CHECK(parse_usd("1e3").status().message() == "found '1e3', expected dollars as a decimal like 0.15");
}

TEST_CASE("picodollars are written exactly and read back", "[text]") {
  CHECK(format_usd(0) == "0.00");
  CHECK(format_usd(1) == "0.000000000001");
  CHECK(format_usd(12'340'000'000'000) == "12.34");
  CHECK(format_usd(-1'500'000'000'000) == "-1.50");
  CHECK(format_usd(std::numeric_limits<int64_t>::min()) == "-9223372.036854775808");
  for (int64_t amount = 1; amount < std::numeric_limits<int64_t>::max() / 7; amount = amount * 7 + 3) {
    CHECK(parse_usd(format_usd(amount)).value() == amount);
  }
}

TEST_CASE("money for people is short and never nothing when something was spent", "[text]") {
  CHECK(format_usd_short(0) == "0.00");
  CHECK(format_usd_short(1) == "<0.000001");
  CHECK(format_usd_short(123'456'789) == "0.0001235");
  CHECK(format_usd_short(999'999'999'999) == "1.00");
  CHECK(format_usd_short(1'234'567'000'000) == "1.23");
  CHECK(format_usd_short(-1'234'567'000'000) == "-1.23");
  CHECK(format_usd_short(std::numeric_limits<int64_t>::max()) == "9223372.04");
}

TEST_CASE("an amount in another currency is refused by name", "[text][money]") {
  for (const char* amount : {"5 EUR", "€5", "EUR5", "5€", "£1.50", "5 USD", "$5"}) {
    const auto parsed = harvest::text::parse_usd(amount);
    CHECK(parsed.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(std::string(parsed.status().message()).find("expected dollars as a decimal like 0.15") != std::string::npos);
  }
}
