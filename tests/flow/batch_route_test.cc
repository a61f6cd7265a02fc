#include "service/flow/batch_route.h"

#include <catch2/catch.hpp>

namespace harvest::flow {
namespace {

constexpr int64_t kHourUs = 3'600'000'000;

RouteQuestion question(v1::Route route) {
  return {.route = route, .takes_batches = true, .cheaper = true, .created_at_us = kHourUs};
}

}  // namespace

TEST_CASE("what is to go online never goes by batch, and a batch job by nothing else", "[flow][batch]") {
  CHECK_FALSE(goes_by_batch(question(v1::ONLINE), kHourUs));
  RouteQuestion batch = question(v1::BATCH);
  batch.cheaper = false;
  batch.deadline_us = 2 * kHourUs;
  CHECK(goes_by_batch(batch, 2 * kHourUs - 1));
  CHECK(online_at_us(batch) == 0);
  batch.takes_batches = false;
  CHECK_FALSE(goes_by_batch(batch, kHourUs));
}

TEST_CASE("auto goes by batch where that is cheaper and there is one", "[flow][batch]") {
  CHECK(goes_by_batch(question(v1::AUTO), 1000 * kHourUs));  // without a deadline there is always time
  RouteQuestion dear = question(v1::AUTO);
  dear.cheaper = false;
  CHECK_FALSE(goes_by_batch(dear, kHourUs));
  RouteQuestion without = question(v1::AUTO);
  without.takes_batches = false;
  CHECK_FALSE(goes_by_batch(without, kHourUs));
}

TEST_CASE("the last quarter of the time to its deadline belongs to the online route", "[flow][batch]") {
  RouteQuestion soon = question(v1::AUTO);
  soon.deadline_us = 9 * kHourUs;
  CHECK(online_at_us(soon) == 7 * kHourUs);
  CHECK(goes_by_batch(soon, 7 * kHourUs - 1));
  CHECK_FALSE(goes_by_batch(soon, 7 * kHourUs));
}

}  // namespace harvest::flow
