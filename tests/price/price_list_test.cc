#include "service/price/price_list.h"

#include <catch2/catch.hpp>

using harvest::price::PriceList;
namespace v1 = harvest::v1;

namespace {

v1::Prices priced(const char* input, const char* cached, const char* output) {
  v1::Prices prices;
  prices.set_input_usd_per_mtok(input);
  prices.set_cached_input_usd_per_mtok(cached);
  prices.set_output_usd_per_mtok(output);
  return prices;
}

v1::Usage used(uint64_t input, uint64_t output) {
  v1::Usage usage;
  usage.set_input_tokens(input);
  usage.set_output_tokens(output);
  usage.set_reported(true);
  return usage;
}

v1::SpecialPrices& special(v1::Prices& prices, const char* input, const char* output) {
  v1::SpecialPrices& one = *prices.add_special();
  one.set_input_usd_per_mtok(input);
  one.set_output_usd_per_mtok(output);
  return one;
}

}  // namespace

TEST_CASE("an answer costs exactly what its tokens cost", "[price]") {
  v1::Usage usage = used(1000, 200);
  usage.set_cached_input_tokens(400);
  CHECK(PriceList::of(priced("0.15", "0.03", "0.60"))->cost(usage, {}) ==
        600 * int64_t{150'000} + 400 * int64_t{30'000} + 200 * int64_t{600'000});
}

TEST_CASE("what was written to the vendor's cache, and what was thought, have prices of their own", "[price]") {
  v1::Prices prices = priced("3", "0.30", "15");
  prices.set_cache_write_usd_per_mtok("3.75");
  prices.set_cache_write_long_usd_per_mtok("6");
  prices.set_reasoning_usd_per_mtok("20");
  v1::Usage usage = used(1000, 100);
  usage.set_cached_input_tokens(500);
  usage.set_cache_write_tokens(200);
  usage.set_cache_write_long_tokens(100);
  usage.set_reasoning_tokens(60);
  CHECK(PriceList::of(prices)->cost(usage, {}) == 200 * int64_t{3'000'000} + 500 * int64_t{300'000} + 200 * 3'750'000 +
                                                      100 * int64_t{6'000'000} + 40 * int64_t{15'000'000} +
                                                      60 * int64_t{20'000'000});
}

TEST_CASE("prices left out are those of plain tokens", "[price]") {
  v1::Usage usage = used(100, 10);
  usage.set_cached_input_tokens(40);
  usage.set_cache_write_tokens(30);
  usage.set_cache_write_long_tokens(20);
  usage.set_reasoning_tokens(5);
  CHECK(PriceList::of(priced("1", "", "2"))->cost(usage, {}) == 100 * int64_t{1'000'000} + 10 * int64_t{2'000'000});
}

TEST_CASE("parts of the usage never cost more than the whole, whatever a vendor reports", "[price]") {
  v1::Usage usage = used(100, 10);
  usage.set_cached_input_tokens(1000);
  usage.set_cache_write_tokens(1000);
  usage.set_reasoning_tokens(1000);
  const auto list = PriceList::of(priced("1", "1", "2"));
  CHECK(list->cost(usage, {}) == 100 * int64_t{1'000'000} + 10 * int64_t{2'000'000});
}

TEST_CASE("the bound holds whatever kinds the tokens turn out to be", "[price]") {
  v1::Prices prices = priced("0.10", "0.50", "1");
  prices.set_cache_write_usd_per_mtok("0.70");
  prices.set_reasoning_usd_per_mtok("3");
  const auto list = PriceList::of(prices);
  for (uint64_t part = 0; part <= 100; part += 10) {
    v1::Usage usage = used(100, 10);
    usage.set_cached_input_tokens(part);
    usage.set_cache_write_tokens(100 - part);
    usage.set_reasoning_tokens(part / 10);
    CHECK(*list->cost(usage, {}) <= list->cost_max(100, 10, {}));
  }
}

TEST_CASE("special prices hold where all their conditions do", "[price]") {
  v1::Prices prices = priced("2", "0.2", "10");
  special(prices, "4", "15").set_above_input_tokens(200'000);
  special(prices, "1", "5").set_service_tier("flex");
  special(prices, "1", "5").set_route("batch");
  const auto list = PriceList::of(prices);
  CHECK(list->cost(used(1000, 100), {}) == 1000 * int64_t{2'000'000} + 100 * int64_t{10'000'000});
  CHECK(list->cost(used(300'000, 100), {}) == 300'000 * int64_t{4'000'000} + 100 * int64_t{15'000'000});
  CHECK(list->cost(used(1000, 100), {.route = "", .service_tier = "flex"}) ==
        1000 * int64_t{1'000'000} + 100 * int64_t{5'000'000});
  // Anthropic has a name for the tier of its batches; online nobody may be billed under it unasked.
  for (const char* tier : {"", "batch"})
    CHECK(list->cost(used(1000, 100), {.route = "batch", .service_tier = tier}) ==
          1000 * int64_t{1'000'000} + 100 * int64_t{5'000'000});
  CHECK_FALSE(list->cost(used(1000, 100), {.route = "", .service_tier = "batch"}).has_value());
}

TEST_CASE("several conditions that hold combine: half by batch and double for a long input", "[price]") {
  v1::Prices prices = priced("2", "0.2", "10");
  special(prices, "4", "15").set_above_input_tokens(200'000);
  special(prices, "3", "12").set_service_tier("priority");
  special(prices, "1", "5").set_route("batch");
  const auto list = PriceList::of(prices);
  const int64_t long_batch = 300'000 * int64_t{2'000'000} + 100 * int64_t{7'500'000};
  CHECK(list->cost(used(300'000, 100), {.route = "batch", .service_tier = ""}) == long_batch);
  CHECK(list->cost_max(300'000, 100, {.route = "batch", .service_tier = ""}) == long_batch);
  const int64_t long_priority = 300'000 * int64_t{6'000'000} + 100 * int64_t{18'000'000};
  CHECK(list->cost(used(300'000, 100), {.route = "", .service_tier = "priority"}) == long_priority);
  CHECK(list->cost_max(300'000, 100, {.route = "", .service_tier = "priority"}) == long_priority);
}

TEST_CASE("of prices for one case the narrower stands in the other's stead, and of two alike the later", "[price]") {
  v1::Prices prices = priced("2", "", "10");
  special(prices, "4", "15").set_above_input_tokens(200'000);
  special(prices, "1", "5").set_route("batch");
  v1::SpecialPrices& both = special(prices, "3", "9");
  both.set_route("batch");
  both.set_above_input_tokens(200'000);
  special(prices, "8", "20").set_above_input_tokens(400'000);
  const auto list = PriceList::of(prices);
  CHECK(list->cost(used(300'000, 100), {.route = "batch", .service_tier = ""}) ==
        300'000 * int64_t{3'000'000} + 100 * int64_t{9'000'000});
  CHECK(list->cost(used(500'000, 100), {}) == 500'000 * int64_t{8'000'000} + 100 * int64_t{20'000'000});
  special(prices, "5", "11").set_above_input_tokens(400'000);
  CHECK(PriceList::of(prices)->cost(used(500'000, 100), {}) ==
        500'000 * int64_t{5'000'000} + 100 * int64_t{11'000'000});
}

TEST_CASE("a kind that has a price of its own changes with the special price of its whole, and is never below it",
          "[price]") {
  v1::Prices prices = priced("3", "0.3", "15");
  prices.set_cache_write_usd_per_mtok("3.75");
  prices.set_cache_write_long_usd_per_mtok("6");
  special(prices, "6", "22.5").set_above_input_tokens(200'000);
  v1::Usage usage = used(300'000, 0);
  usage.set_cache_write_long_tokens(300'000);
  CHECK(PriceList::of(prices)->cost(usage, {}) == 300'000 * int64_t{12'000'000});
}

TEST_CASE("no answer costs more than its bound, whatever holds for it", "[price]") {
  v1::Prices prices = priced("2", "0.2", "10");
  special(prices, "4", "15").set_above_input_tokens(1000);
  special(prices, "7", "16").set_above_input_tokens(2000);
  special(prices, "1", "5").set_service_tier("flex");
  special(prices, "3", "12").set_service_tier("priority");
  special(prices, "1", "5").set_route("batch");
  prices.mutable_special(3)->set_above_input_tokens(1500);
  const auto list = PriceList::of(prices);
  for (const char* route : {"", "batch"})
    for (const char* tier : {"", "auto", "flex", "priority"})
      for (const uint64_t input : {500, 1001, 1600, 2500})
        for (const uint64_t cached : {uint64_t{0}, input / 2, input}) {
          v1::Usage usage = used(input, 50);
          usage.set_cached_input_tokens(cached);
          CHECK(*list->cost(usage, {.route = route, .service_tier = tier}) <=
                list->cost_max(2500, 50, {.route = route, .service_tier = tier}));
        }
}

TEST_CASE("the bound of a call that leaves the tier to the vendor is that of the dearest it may be served under",
          "[price]") {
  v1::Prices prices = priced("2", "", "10");
  special(prices, "4", "20").set_service_tier("priority");
  const auto list = PriceList::of(prices);
  for (const char* tier : {"", "auto"})
    CHECK(list->cost_max(500, 10, {.route = "", .service_tier = tier}) ==
          500 * int64_t{4'000'000} + 10 * int64_t{20'000'000});
  CHECK(list->cost_max(500, 10, {.route = "", .service_tier = "default"}) ==
        500 * int64_t{2'000'000} + 10 * int64_t{10'000'000});
}

TEST_CASE("a special price for one kind leaves the others as they are", "[price]") {
  v1::Prices prices = priced("2", "0.2", "10");
  prices.add_special()->set_service_tier("flex");
  prices.mutable_special(0)->set_output_usd_per_mtok("6");
  v1::Usage usage = used(1000, 100);
  usage.set_cached_input_tokens(500);
  CHECK(PriceList::of(prices)->cost(usage, {.route = "", .service_tier = "flex"}) ==
        500 * int64_t{2'000'000} + 500 * int64_t{200'000} + 100 * int64_t{6'000'000});
}

TEST_CASE("the bound covers a threshold that the input may pass, and the plain tier that may serve instead",
          "[price]") {
  v1::Prices prices = priced("2", "", "10");
  special(prices, "4", "15").set_above_input_tokens(1000);
  special(prices, "1", "5").set_service_tier("flex");
  const auto list = PriceList::of(prices);
  CHECK(list->cost_max(500, 10, {}) == 500 * int64_t{2'000'000} + 10 * int64_t{10'000'000});
  CHECK(list->cost_max(1001, 10, {}) == 1001 * int64_t{4'000'000} + 10 * int64_t{15'000'000});
  CHECK(list->cost_max(500, 10, {.route = "", .service_tier = "flex"}) ==
        500 * int64_t{2'000'000} + 10 * int64_t{10'000'000});
}

TEST_CASE("a tier without a price has no cost that could be told", "[price]") {
  const auto list = PriceList::of(priced("2", "", "10"));
  CHECK(list->knows("auto"));
  CHECK(list->knows("default"));
  CHECK_FALSE(list->knows("priority"));
  CHECK_FALSE(list->cost(used(1, 1), {.route = "", .service_tier = "priority"}).has_value());
}

TEST_CASE("an unknown price is refused and a free one is zero", "[price]") {
  v1::Prices unknown;
  CHECK(PriceList::of(unknown).status().code() == absl::StatusCode::kInvalidArgument);
  unknown.set_input_usd_per_mtok("1");  // half a price is none
  CHECK_FALSE(PriceList::of(unknown).ok());
  v1::Prices free;
  free.set_free(true);
  CHECK(PriceList::of(free)->cost_max(1'000'000, 1'000'000, {}) == 0);
  CHECK(PriceList::of(free)->knows("priority"));
}
