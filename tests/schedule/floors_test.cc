#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <deque>
#include <map>
#include <random>
#include <utility>

#include "tests/scale.h"
#include "tests/schedule/crowd.h"

using harvest::schedule::Share;
using harvest::schedule::testing::any_sizes;
using harvest::schedule::testing::any_weight;
using harvest::schedule::testing::Crowd;
using harvest::schedule::testing::kLargest;

namespace {

Crowd::Sizes always(int64_t size) {
  return [size] { return size; };
}

/// Serves for so many turns and checks that nobody falls more than one largest item behind its floor.
void check_floors(Crowd& crowd, const std::map<uint64_t, double>& floors, int turns) {
  crowd.tokens.clear();
  const int64_t before = crowd.total;
  for (int turn = 0; turn < turns; ++turn) {
    crowd.take();
    double behind = 0;
    for (const auto& [job, floor] : floors) {
      const double guaranteed = floor * static_cast<double>(crowd.total - before);
      behind = std::max(behind, guaranteed - static_cast<double>(crowd.tokens[job]));
    }
    REQUIRE(behind <= kLargest + 1e-3);
  }
}

}  // namespace

TEST_CASE("nobody falls more than one largest item behind its floor", "[schedule]") {
  std::mt19937 random(4);
  const int crowds = static_cast<int>(std::ceil(100 * harvest::testing::scale()));
  for (int i = 0; i < crowds; ++i) {
    Crowd crowd;
    std::map<uint64_t, double> floors;
    double left = 0.99;
    const uint64_t jobs = 2 + random() % 30;
    for (uint64_t job = 0; job < jobs; ++job) {
      Share share{.tenant = static_cast<uint32_t>(random() % 3), .tenant_weight = any_weight(random)};
      share.weight = any_weight(random);
      if (random() % 2 == 0) {
        share.floor = left * std::pow(std::uniform_real_distribution<double>(0, 1)(random), 3);
        left -= share.floor;
        floors[job] = share.floor;
      }
      crowd.add(job, share, any_sizes(random));
    }
    check_floors(crowd, floors, 5000);
  }
}

TEST_CASE("a large floor is not made late by many small ones", "[schedule]") {
  Crowd crowd;
  std::map<uint64_t, double> floors = {{0, 0.5}};
  crowd.add(0, {.weight = 0.01, .floor = 0.5}, always(kLargest));
  for (uint64_t job = 1; job <= 49; ++job) {
    floors[job] = 0.01;
    crowd.add(job, {.weight = 0.01, .floor = 0.01}, always(kLargest));
  }
  crowd.add(50, {.weight = 100}, always(1));
  check_floors(crowd, floors, 200'000);
}

TEST_CASE("a floor is a minimum and nothing in addition", "[schedule]") {
  SECTION("below the share it changes nothing") {
    Crowd crowd;
    crowd.add(1, {.tenant = 1, .floor = 0.3}, always(30));
    crowd.add(2, {.tenant = 2}, always(500));
    CHECK(crowd.parts(1'000'000).at(1) == Approx(0.5).margin(0.005));
  }
  SECTION("just below the share of many it changes nothing") {
    Crowd crowd;
    crowd.add(0, {.floor = 0.0099}, always(1000));
    for (uint64_t job = 1; job < 100; ++job) crowd.add(job, Share(), always(100));
    CHECK(crowd.parts(10'000'000).at(0) == Approx(0.01).margin(0.0002));
  }
  SECTION("above the share it is what the job gets") {
    Crowd crowd;
    crowd.add(1, {.tenant = 1, .tenant_weight = 1, .floor = 0.4}, always(300));
    crowd.add(2, {.tenant = 2, .tenant_weight = 99}, always(50));
    CHECK(crowd.parts(1'000'000).at(1) == Approx(0.4).margin(0.005));
  }
  SECTION("it is taken from the job's own tenant first") {
    Crowd crowd;
    crowd.add(1, {.tenant = 1, .floor = 0.4}, always(300));
    crowd.add(2, {.tenant = 1}, always(50));
    crowd.add(3, {.tenant = 2}, always(100));
    const std::map<uint64_t, double> parts = crowd.parts(1'000'000);
    CHECK(parts.at(1) == Approx(0.4).margin(0.005));
    CHECK(parts.at(2) == Approx(0.1).margin(0.005));
    CHECK(parts.at(3) == Approx(0.5).margin(0.005));
  }
}

TEST_CASE("a floor starves nobody", "[schedule]") {
  SECTION("not the others of its tenant, though it takes more than the tenant's share") {
    Crowd crowd;
    crowd.add(1, {.tenant = 1, .tenant_weight = 1, .floor = 0.5}, always(1000));
    crowd.add(2, {.tenant = 1, .tenant_weight = 1}, always(1000));
    crowd.add(3, {.tenant = 2, .tenant_weight = 9}, always(100));
    const std::map<uint64_t, double> parts = crowd.parts(10'000'000);
    CHECK(parts.at(1) == Approx(0.5).margin(0.005));
    CHECK(parts.at(2) > 0.5 * 0.1 / 17);  // a sixteenth of the tenant's turns, and nearly all of those
  }
  SECTION("not those without one, though the floors add up to more than all") {
    Crowd crowd;
    for (uint64_t job = 1; job <= 4; ++job) crowd.add(job, {.floor = 0.15 * static_cast<double>(job)}, always(700));
    crowd.add(5, Share(), always(1000));
    const std::map<uint64_t, double> parts = crowd.parts(10'000'000);
    for (uint64_t job = 1; job <= 4; ++job) {
      CHECK(parts.at(job) == Approx(0.15 / 1.5 * 0.99 * static_cast<double>(job)).margin(0.005));
    }
    CHECK(parts.at(5) > 0.005);
  }
}

TEST_CASE("neither idle nor rich times weigh on a floor for long", "[schedule]") {
  Crowd crowd;
  crowd.add(1, {.weight = 0.01, .floor = 0.1}, always(100));
  crowd.add(2, {.weight = 100}, always(100));
  SECTION("idle: no claim is saved up") {
    crowd.queue.block({.job = 1});
    crowd.serve(1'000'000);
    crowd.queue.unblock({.job = 1});
    CHECK(crowd.parts(2000).at(1) <= 0.1 + 2 * 100 / 2000.0);
  }
  SECTION("rich: alone for long, and at once guaranteed again") {
    crowd.queue.block({.job = 2});
    crowd.serve(1'000'000);
    crowd.queue.unblock({.job = 2});
    CHECK(crowd.parts(3000).at(1) >= 0.1 - 2 * 100 / 3000.0);
  }
  SECTION("over: the turns come back when a floor above the share is given up") {
    crowd.add(3, {.weight = 100, .floor = 0.9}, always(100));
    crowd.serve(1'000'000);
    crowd.queue.set_share({.job = 3}, {.weight = 100});
    crowd.serve(10'000);
    CHECK(crowd.parts(100'000).at(3) == Approx(0.45).margin(0.02));  // job 1 has its floor
  }
}

TEST_CASE("a job with one item at a time gets no more than its floor before its turn", "[schedule]") {
  harvest::schedule::FairQueue<int> queue;
  queue.open({.job = 1}, {.weight = 0.001, .floor = 0.2}, {0});
  queue.open({.job = 2}, {.weight = 1000}, {0});
  queue.push({.job = 1}, 10, 0);
  for (int i = 0; i < 3; ++i) queue.push({.job = 2}, 10, 0);
  int taken = 0;
  for (int i = 0; i < 10'000; ++i) {
    const harvest::schedule::StreamKey key = *queue.front_stream(0);
    queue.take(0);
    queue.push(key, 10, 0);
    taken += key.job == 1 ? 1 : 0;
  }
  CHECK(taken <= 2002);
  CHECK(taken >= 1990);
}

TEST_CASE("floors hold in what was used and not in what was estimated", "[schedule]") {
  std::mt19937 random(5);
  for (const double used : {0.25, 0.5, 1.0, 2.0}) {
    Crowd crowd;
    crowd.add(1, {.tenant = 1, .tenant_weight = 1, .floor = 0.4}, always(100));
    crowd.add(2, {.tenant = 2, .tenant_weight = 99}, always(100));
    std::map<uint64_t, double> actual;
    std::deque<uint64_t> in_flight;
    for (int i = 0; i < 50'000; ++i) {
      in_flight.push_back(crowd.take().first);
      if (in_flight.size() < 100) continue;
      // Answers come in bursts and in any order.
      for (auto burst = random() % 20 == 0 ? in_flight.size() / 2 : 0; burst > 0; --burst) {
        std::swap(in_flight.front(), in_flight[random() % in_flight.size()]);
        const uint64_t job = in_flight.front();
        in_flight.pop_front();
        const double ratio = job == 1 ? used * static_cast<double>(random() % 201) / 100 : 1;
        const auto tokens = static_cast<int64_t>(100 * ratio);
        actual[job] += static_cast<double>(tokens);
        crowd.queue.correct({.job = job}, 0, tokens - 100);
      }
    }
    INFO("used " << used << " of the estimate");
    CHECK(actual[1] / (actual[1] + actual[2]) == Approx(0.4).margin(0.04));
  }
}

TEST_CASE("each teacher keeps floors of its own", "[schedule]") {
  harvest::schedule::FairQueue<int> queue;
  queue.open({.job = 1, .stream = 0}, {.weight = 0.001, .floor = 0.5}, {0});
  queue.open({.job = 1, .stream = 1}, {.weight = 0.001}, {1});
  queue.open({.job = 2}, {.weight = 1000}, {0, 1});
  std::map<std::pair<uint64_t, uint32_t>, int> taken;
  for (int i = 0; i < 3; ++i) {
    for (const uint32_t stream : {0, 1}) queue.push({.job = 1, .stream = stream}, 10, 0);
    queue.push({.job = 2}, 10, 0);
  }
  for (int i = 0; i < 4000; ++i) {
    const auto key = *queue.front_stream(static_cast<uint32_t>(i % 2));
    queue.take(static_cast<uint32_t>(i % 2));
    queue.push(key, 10, 0);
    ++taken[{key.job, static_cast<uint32_t>(i % 2)}];
  }
  CHECK(taken[{1, 0}] == Approx(1000).margin(2));
  CHECK(taken[{1, 1}] <= 2);
}
