#include "service/price/price_book.h"

#include <catch2/catch.hpp>

#include "proto/text/time.h"

using harvest::price::PriceBook;
namespace v1 = harvest::v1;

namespace {

v1::Prices since(const char* day, const char* input) {
  v1::Prices prices;
  prices.set_effective_on(day);
  prices.set_input_usd_per_mtok(input);
  prices.set_output_usd_per_mtok("1");
  return prices;
}

std::string input_on(const PriceBook& book, const char* day) {
  const PriceBook::Entry* entry = book.on(*harvest::text::parse_day(day));
  return entry == nullptr ? "none" : entry->prices.input_usd_per_mtok();
}

}  // namespace

TEST_CASE("the prices that began last are in force", "[price]") {
  v1::Teacher teacher;
  teacher.set_name("t");
  *teacher.mutable_prices() = since("", "1");
  *teacher.add_price_changes() = since("2026-12-01", "3");
  *teacher.add_price_changes() = since("2026-11-01", "2");
  const auto book = PriceBook::of(teacher);
  CHECK(input_on(*book, "2026-10-31") == "1");
  CHECK(input_on(*book, "2026-11-01") == "2");
  CHECK(input_on(*book, "2026-11-30") == "2");
  CHECK(input_on(*book, "2026-12-01") == "3");
}

TEST_CASE("of two that begin on one day the last in the list is in force", "[price]") {
  v1::Teacher teacher;
  *teacher.add_price_changes() = since("2026-11-01", "2");
  *teacher.add_price_changes() = since("2026-11-01", "4");
  CHECK(input_on(*PriceBook::of(teacher), "2026-11-02") == "4");
}

TEST_CASE("before the first day of prices there are none", "[price]") {
  v1::Teacher teacher;
  CHECK(input_on(*PriceBook::of(teacher), "2026-11-01") == "none");
  *teacher.add_price_changes() = since("2026-11-02", "2");
  CHECK(input_on(*PriceBook::of(teacher), "2026-11-01") == "none");
}

TEST_CASE("a mistake in any of the prices names teacher and field", "[price]") {
  v1::Teacher teacher;
  teacher.set_name("qwen");
  *teacher.add_price_changes() = since("soon", "2");
  CHECK(PriceBook::of(teacher).status().message().find("teacher qwen: prices: ") == 0);
  *teacher.mutable_price_changes(0) = since("2026-11-02", "cheap");
  CHECK(PriceBook::of(teacher).status().message().find("input_usd_per_mtok: ") != std::string_view::npos);
}
