#include "service/flow/sample_groups.h"

#include <catch2/catch.hpp>

using namespace harvest;
using flow::Ready;
using flow::ReadyPtr;

namespace {

/// Fresh queries of one prompt in threes, to teacher 0.
std::vector<ReadyPtr> queries(int count) {
  std::vector<ReadyPtr> made;
  for (int i = 0; i < count; ++i) {
    Ready& query = *made.emplace_back(std::make_unique<Ready>());
    query.place.ordinal = static_cast<uint64_t>(i);
    query.prompt_index = static_cast<uint64_t>(i / 3);
    query.sample = static_cast<uint32_t>(i % 3);
    query.candidates.emplace_back().samples.emplace_back().identity[0] = static_cast<uint8_t>(i);
  }
  return made;
}

std::vector<uint32_t> sizes(std::vector<ReadyPtr>& made, uint32_t choices_max = 8) {
  flow::join_samples(made, [&](uint32_t) { return choices_max; });
  std::vector<uint32_t> found;
  for (const ReadyPtr& query : made) found.push_back(query->queries());
  return found;
}
using Sizes = std::vector<uint32_t>;

}  // namespace

TEST_CASE("samples of one prompt are joined and keep their identities in order", "[flow][groups]") {
  auto made = queries(6);
  CHECK(sizes(made) == Sizes{3, 3});
  CHECK(made[1]->place.ordinal == 3);
  CHECK(made[1]->sample == 0);
  REQUIRE(made[1]->candidates[0].samples.size() == 3);
  CHECK(made[1]->candidates[0].samples[2].identity[0] == 5);
}

TEST_CASE("a group is as large as a request may ask for", "[flow][groups]") {
  auto made = queries(6);
  CHECK(sizes(made, 2) == Sizes{2, 1, 2, 1});
  auto alone = queries(3);
  CHECK(sizes(alone, 1) == Sizes{1, 1, 1});
}

TEST_CASE("of several teachers the most modest bounds a group", "[flow][groups]") {
  auto made = queries(3);
  for (ReadyPtr& query : made) {
    query->candidates.emplace_back().samples.emplace_back();
    query->candidates.back().teacher = 1;
  }
  flow::join_samples(made, [](uint32_t teacher) { return teacher == 1 ? 2u : 128u; });
  REQUIRE(made.size() == 2);
  CHECK(made[0]->queries() == 2);
  CHECK(made[0]->candidates[1].samples.size() == 2);
}

TEST_CASE("what waits otherwise than its neighbour begins anew", "[flow][groups]") {
  auto made = queries(3);
  SECTION("a known answer") {
    made[1]->known.emplace();
    CHECK(sizes(made) == Sizes{1, 1, 1});
  }
  SECTION("a sample that is not there") {
    made.erase(made.begin() + 1);
    CHECK(sizes(made) == Sizes{1, 1});
  }
  SECTION("another due time") {
    made[0]->place.due_at_us = 5;
    made[1]->place.due_at_us = 5;
    CHECK(sizes(made) == Sizes{2, 1});
  }
  SECTION("another history") {
    made[2]->attempts = 1;
    CHECK(sizes(made) == Sizes{2, 1});
    auto throttled = queries(3);
    throttled[0]->throttled = 1;
    CHECK(sizes(throttled) == Sizes{1, 2});
    auto crashed = queries(3);
    crashed[1]->crashes = 1;
    CHECK(sizes(crashed) == Sizes{1, 1, 1});
  }
  SECTION("another teacher") {
    made[1]->candidates[0].teacher = 1;
    CHECK(sizes(made) == Sizes{1, 1, 1});
  }
}

TEST_CASE("a stated seed and temperature 0 keep samples apart", "[flow][groups]") {
  auto seeded = queries(3);
  for (size_t i = 0; i < 3; ++i) seeded[i]->sampling.set_seed(static_cast<int64_t>(7 + i));
  CHECK(sizes(seeded) == Sizes{1, 1, 1});
  auto greedy = queries(3);
  for (ReadyPtr& query : greedy) query->sampling.set_temperature(0);
  CHECK(sizes(greedy) == Sizes{1, 1, 1});
  auto warm = queries(3);
  for (ReadyPtr& query : warm) query->sampling.set_temperature(0.7);
  CHECK(sizes(warm) == Sizes{3});
}
