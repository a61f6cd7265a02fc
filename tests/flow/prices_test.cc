#include "service/flow/prices.h"

#include <catch2/catch.hpp>

using harvest::flow::TokenPrices;
namespace v1 = harvest::v1;

namespace {
v1::Teacher priced(const char* input, const char* cached, const char* output) {
  v1::Teacher teacher;
  teacher.set_name("t");
  teacher.mutable_prices()->set_input_usd_per_mtok(input);
  teacher.mutable_prices()->set_cached_input_usd_per_mtok(cached);
  teacher.mutable_prices()->set_output_usd_per_mtok(output);
  return teacher;
}
}  // namespace

TEST_CASE("an answer costs exactly what its tokens cost", "[flow]") {
  const TokenPrices prices = *TokenPrices::of(priced("0.15", "0.03", "0.60"));
  v1::Usage usage;
  usage.set_input_tokens(1000);
  usage.set_cached_input_tokens(400);
  usage.set_output_tokens(200);
  CHECK(prices.cost(usage) == 600 * 150'000 + 400 * 30'000 + 200 * 600'000);
}

TEST_CASE("cached input without a price of its own costs as input", "[flow]") {
  const TokenPrices prices = *TokenPrices::of(priced("1", "", "2"));
  CHECK(prices.cached_input == 1'000'000);
}

TEST_CASE("the bound holds whatever part of the input is cached", "[flow]") {
  const TokenPrices dear_cache = *TokenPrices::of(priced("0.10", "0.50", "1"));
  v1::Usage usage;
  usage.set_input_tokens(100);
  usage.set_output_tokens(10);
  for (uint64_t cached = 0; cached <= 100; cached += 10) {
    usage.set_cached_input_tokens(cached);
    CHECK(dear_cache.cost(usage) <= dear_cache.cost_max(100, 10));
  }
}

TEST_CASE("an unknown price is refused and a free one is zero", "[flow]") {
  v1::Teacher unknown;
  unknown.set_name("t");
  CHECK(TokenPrices::of(unknown).status().code() == absl::StatusCode::kInvalidArgument);
  unknown.mutable_prices()->set_input_usd_per_mtok("1");  // half a price is none
  CHECK_FALSE(TokenPrices::of(unknown).ok());
  v1::Teacher free;
  free.mutable_prices()->set_free(true);
  CHECK(TokenPrices::of(free)->cost_max(1'000'000, 1'000'000) == 0);
}
