#include "service/schedule/fair_queue.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <random>
#include <string>

using harvest::schedule::FairQueue;
using harvest::schedule::Share;
using harvest::schedule::StreamKey;

namespace {

StreamKey job(uint64_t number) {
  return {.job = number};
}

/// Tokens that each job gets in `takes` turns of a teacher, all jobs kept backlogged with items of their own cost.
std::map<uint64_t, int64_t> served(FairQueue<int64_t>& queue, const std::map<uint64_t, int64_t>& costs, int takes) {
  std::map<uint64_t, int64_t> tokens;
  for (const auto& [number, cost] : costs) {
    for (int i = 0; i < 3; ++i) queue.push(job(number), cost, cost);
  }
  for (int i = 0; i < takes; ++i) {
    const uint64_t number = queue.front_stream(0)->job;
    tokens[number] += queue.take(0);
    queue.push(job(number), costs.at(number), costs.at(number));
  }
  return tokens;
}

}  // namespace

TEST_CASE("order within a stream is kept", "[schedule]") {
  FairQueue<std::unique_ptr<int>> queue;
  queue.open(job(1), Share(), {0});
  for (int i = 0; i < 10; ++i) queue.push(job(1), 5, std::make_unique<int>(i));
  for (int i = 0; i < 10; ++i) CHECK(*queue.take(0) == i);
  CHECK(queue.front(0) == nullptr);
  CHECK(queue.size() == 0);
}

TEST_CASE("long prompts get tokens and not turns", "[schedule]") {
  FairQueue<int64_t> queue;
  queue.open(job(1), Share(), {0});
  queue.open(job(2), Share(), {0});
  auto tokens = served(queue, {{1, 10}, {2, 1000}}, 20'000);
  CHECK(static_cast<double>(tokens[1]) / static_cast<double>(tokens[2]) == Approx(1).epsilon(0.02));
}

TEST_CASE("weights divide the tokens", "[schedule]") {
  FairQueue<int64_t> queue;
  queue.open(job(1), Share(), {0});
  queue.open(job(2), {.weight = 3}, {0});
  queue.open(job(3), {.weight = 0.001}, {0});
  auto tokens = served(queue, {{1, 70}, {2, 110}, {3, 50}}, 40'000);
  CHECK(static_cast<double>(tokens[2]) / static_cast<double>(tokens[1]) == Approx(3).epsilon(0.02));
  CHECK(tokens[3] > 0);
}

TEST_CASE("a large head is not overtaken for ever", "[schedule]") {
  FairQueue<std::string> queue;
  queue.open(job(1), Share(), {0});
  queue.open(job(2), Share(), {0});
  for (int i = 0; i < 1000; ++i) queue.push(job(1), 100, "small");
  queue.push(job(2), 5000, "large");
  int before = 0;
  while (queue.take(0) != "large") ++before;
  CHECK(before <= 60);
}

TEST_CASE("the front stays until it is taken", "[schedule]") {
  FairQueue<int> queue;
  queue.open(job(1), Share(), {0});
  queue.open(job(2), Share(), {0});
  queue.push(job(1), 10, 1);
  REQUIRE(*queue.front(0) == 1);
  for (int i = 0; i < 100; ++i) queue.push(job(2), 1, 2);
  queue.correct(job(1), 0, 1000);
  CHECK(*queue.front(0) == 1);
  CHECK(queue.take(0) == 1);
}

TEST_CASE("a blocked stream is passed over and keeps what it holds", "[schedule]") {
  FairQueue<int> queue;
  queue.open(job(1), Share(), {0});
  queue.open(job(2), Share(), {0});
  queue.push(job(1), 10, 1);
  queue.push(job(2), 10, 2);
  queue.block(job(1));
  queue.push(job(1), 10, 1);
  CHECK(queue.take(0) == 2);
  CHECK(queue.front(0) == nullptr);
  CHECK(queue.size(job(1)) == 2);
  queue.unblock(job(1));
  CHECK(queue.take(0) == 1);
}

TEST_CASE("a stream that one teacher cannot serve now goes to its others", "[schedule]") {
  FairQueue<int> queue;
  queue.open(job(1), Share(), {0, 1});
  queue.open(job(2), Share(), {0});
  queue.push(job(1), 10, 1);
  queue.push(job(2), 10, 2);
  queue.hold(job(1), 0);
  queue.push(job(1), 10, 3);
  CHECK(queue.take(0) == 2);
  CHECK(queue.front(0) == nullptr);
  CHECK(queue.take(1) == 1);
  queue.block(job(1));
  queue.release(job(1), 0);
  CHECK(queue.front(0) == nullptr);  // it is blocked as a whole
  queue.hold(job(1), 0);
  queue.unblock(job(1));
  CHECK(queue.front(0) == nullptr);
  CHECK(*queue.front(1) == 3);
  queue.release(job(1), 0);
  CHECK(queue.take(0) == 3);
}

TEST_CASE("a job's floor at one teacher is none at another", "[schedule]") {
  FairQueue<int> queue;
  for (const uint64_t number : {1, 2}) queue.open(job(number), Share(), {0, 1});
  queue.set_share(job(1), 1, {.floor = 0.9});
  for (int i = 0; i < 2000; ++i)
    for (const uint64_t number : {1, 2}) queue.push(job(number), 10, static_cast<int>(number));
  const auto taken_of_first = [&](uint32_t teacher) {
    int first = 0;
    for (int i = 0; i < 1000; ++i) first += queue.take(teacher) == 1 ? 1 : 0;
    return first;
  };
  CHECK(taken_of_first(0) == Approx(500).margin(10));
  CHECK(taken_of_first(1) == Approx(900).margin(10));
}

TEST_CASE("a stream of two teachers is one queue in both rounds", "[schedule]") {
  FairQueue<int> queue;
  queue.open(job(1), Share(), {0, 1});
  queue.push(job(1), 10, 1);
  queue.push(job(1), 10, 2);
  CHECK(*queue.front(0) == 1);
  CHECK(*queue.front(1) == 1);
  CHECK(queue.take(1) == 1);
  CHECK(*queue.front(0) == 2);
  CHECK(queue.take(1) == 2);
  CHECK(queue.front(0) == nullptr);
  queue.push(job(1), 10, 3);
  CHECK(queue.take(0) == 3);
}

TEST_CASE("a head that another teacher takes hands its turn to nothing dearer", "[schedule]") {
  FairQueue<int> queue;
  queue.open(job(1), Share(), {0, 1});
  queue.open(job(2), Share(), {0});
  queue.push(job(1), 10, 1);
  queue.push(job(1), 1000, 1);
  for (int i = 0; i < 100; ++i) queue.push(job(2), 10, 2);
  REQUIRE(*queue.front(0) == 1);
  CHECK(queue.take(1) == 1);
  for (int i = 0; i < 20; ++i) CHECK(queue.take(0) == 2);
}

TEST_CASE("a closed stream drops what it holds", "[schedule]") {
  FairQueue<int> queue;
  queue.open(job(1), Share(), {0});
  queue.push(job(1), 10, 1);
  REQUIRE(queue.front(0) != nullptr);
  queue.close(job(1));
  CHECK(queue.front(0) == nullptr);
  CHECK(queue.size() == 0);
  CHECK_FALSE(queue.contains(job(1)));
}

TEST_CASE("wrong estimates are put right", "[schedule]") {
  FairQueue<int> queue;
  queue.open(job(1), Share(), {0});
  queue.open(job(2), Share(), {0});
  std::map<uint64_t, int64_t> actual;
  for (int i = 0; i < 5; ++i) {
    queue.push(job(1), 100, 0);
    queue.push(job(2), 100, 0);
  }
  for (int i = 0; i < 20'000; ++i) {
    const StreamKey key = *queue.front_stream(0);
    queue.take(0);
    queue.push(key, 100, 0);
    const int64_t used = key == job(1) ? 50 : 100;  // job 1 always asks for twice what it uses
    actual[key.job] += used;
    queue.correct(key, 0, used - 100);
  }
  CHECK(static_cast<double>(actual[1]) / static_cast<double>(actual[2]) == Approx(1).epsilon(0.05));
}

TEST_CASE("nobody waits longer than the others' quanta and an item each", "[schedule]") {
  std::mt19937 random(3);
  FairQueue<int64_t> queue;
  constexpr uint64_t kStreams = 20;
  constexpr int64_t kLargest = 1000;
  std::map<uint64_t, int64_t> waited;
  const auto refill = [&](uint64_t number) {
    const auto cost = static_cast<int64_t>(1 + random() % kLargest);
    queue.push(job(number), cost, cost);
  };
  for (uint64_t number = 0; number < kStreams; ++number) {
    queue.open(job(number), Share(), {0});
    for (int i = 0; i < 5; ++i) refill(number);
  }
  for (int i = 0; i < 50'000; ++i) {
    const uint64_t number = queue.front_stream(0)->job;
    const int64_t cost = queue.take(0);
    for (auto& [other, tokens] : waited) tokens += cost;
    // The largest head needs at most three visits of a mean quantum of 500.
    REQUIRE(waited[number] <= 3 * static_cast<int64_t>(kStreams) * (500 + kLargest));
    waited[number] = 0;
    refill(number);
  }
}

TEST_CASE("ten thousand streams cost no more a take than ten", "[schedule][.bench]") {
  for (const uint64_t streams : {10u, 10'000u}) {
    FairQueue<int> queue;
    for (uint64_t number = 0; number < streams; ++number) {
      queue.open(job(number), {.weight = number % 7 + 0.1}, {0});
      for (int i = 0; i < 3; ++i) queue.push(job(number), 100, 0);
    }
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 1'000'000; ++i) {
      const StreamKey key = *queue.front_stream(0);
      queue.take(0);
      queue.push(key, 1 + i % 2000, 0);
    }
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
    WARN(streams << " streams: " << spent.count() / 1e6 << " ns a take");
  }
}
