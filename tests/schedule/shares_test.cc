#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "tests/scale.h"
#include "tests/schedule/crowd.h"

using harvest::schedule::Share;
using harvest::schedule::testing::any_sizes;
using harvest::schedule::testing::any_weight;
using harvest::schedule::testing::Crowd;
using harvest::schedule::testing::kLargest;

namespace {

/// What one place in the tree was served, beside those that share a round with it.
struct Served {
  double weight = 1;
  double tokens = 0;
  double above_at_last = 0;  ///< tokens of the place above when this one was served last
};
/// The members of one round, by number.
struct Siblings {
  std::map<uint64_t, Served> members;
  double tokens = 0;

  double weights() const {
    double sum = 0;
    for (const auto& [number, member] : members) sum += member.weight;
    return sum;
  }
  void serve(uint64_t number, int64_t cost) {
    Served& served = members.at(number);
    served.tokens += static_cast<double>(cost);
    tokens += static_cast<double>(cost);
    // Rounds until its quanta pay for a largest head, each of the others' quanta; and the rounds begun, an item each.
    const double longest = kLargest * (weights() / served.weight + 3 * static_cast<double>(members.size()));
    REQUIRE(tokens - served.above_at_last <= longest);
    served.above_at_last = tokens;
  }
  /// Any two got the same for their weights, within one quantum and an item each.
  void check() const {
    const double quantum = kLargest * static_cast<double>(members.size()) / weights();  // of weight 1, at most
    for (const auto& [one, a] : members) {
      bool fair = true;
      for (const auto& [other, b] : members) {
        const double lead = a.tokens / a.weight - b.tokens / b.weight;
        fair = fair && lead <= quantum + kLargest / a.weight + kLargest / b.weight + 1e-9 * a.tokens / a.weight;
      }
      REQUIRE(fair);
    }
  }
};

/// A crowd with the books of all three levels.
class Society {
 public:
  void add(uint64_t job, const Share& share, Crowd::Sizes sizes) {
    crowd.add(job, share, std::move(sizes));
    shares_[job] = share;
    tenants.members[share.tenant].weight = share.tenant_weight;
    priorities[share.tenant].members[share.priority].weight = share.priority_weight;
    jobs[{share.tenant, share.priority}].members[job].weight = share.weight;
  }
  void take() {
    const auto [job, cost] = crowd.take();
    const Share& share = shares_.at(job);
    tenants.serve(share.tenant, cost);
    priorities.at(share.tenant).serve(share.priority, cost);
    jobs.at({share.tenant, share.priority}).serve(job, cost);
  }
  void check() const {
    tenants.check();
    for (const auto& [tenant, siblings] : priorities) siblings.check();
    for (const auto& [priority, siblings] : jobs) siblings.check();
  }

  Crowd crowd;
  Siblings tenants;
  std::map<uint32_t, Siblings> priorities;
  std::map<std::pair<uint32_t, uint8_t>, Siblings> jobs;

 private:
  std::map<uint64_t, Share> shares_;
};

}  // namespace

TEST_CASE("tenants, then priorities, then jobs divide the tokens by their weights", "[schedule]") {
  Crowd crowd;
  const auto sizes = [](int64_t size) { return [size] { return size; }; };
  const Share urgent{.tenant = 1, .tenant_weight = 3, .priority = 1, .priority_weight = 4};
  const Share calm{.tenant = 1, .tenant_weight = 3, .priority = 0, .priority_weight = 1};
  crowd.add(1, urgent, sizes(10));
  Share heavier = urgent;
  heavier.weight = 2;
  crowd.add(2, heavier, sizes(900));
  crowd.add(3, calm, sizes(70));
  crowd.add(4, {.tenant = 2, .tenant_weight = 1, .weight = 100}, sizes(300));
  const std::map<uint64_t, double> parts = crowd.parts(2'000'000);
  CHECK(parts.at(1) == Approx(0.75 * 0.8 / 3).epsilon(0.01));
  CHECK(parts.at(2) == Approx(0.75 * 0.8 * 2 / 3).epsilon(0.01));
  CHECK(parts.at(3) == Approx(0.75 * 0.2).epsilon(0.01));
  CHECK(parts.at(4) == Approx(0.25).epsilon(0.01));
}

TEST_CASE("at every level nobody is off by more than a quantum and an item, nor waits longer", "[schedule]") {
  std::mt19937 random(2);
  const int societies = static_cast<int>(std::ceil(40 * harvest::testing::scale()));
  for (int i = 0; i < societies; ++i) {
    Society society;
    std::vector<double> tenants(1 + random() % 5);
    std::generate(tenants.begin(), tenants.end(), [&] { return any_weight(random); });
    std::map<std::pair<uint32_t, uint8_t>, double> priorities;
    const uint64_t jobs = 1 + random() % 30;
    for (uint64_t job = 0; job < jobs; ++job) {
      Share share{.tenant = static_cast<uint32_t>(random() % tenants.size()), .weight = any_weight(random)};
      share.tenant_weight = tenants[share.tenant];
      share.priority = static_cast<uint8_t>(random() % 3);
      share.priority_weight = priorities.try_emplace({share.tenant, share.priority}, any_weight(random)).first->second;
      society.add(job, share, any_sizes(random));
    }
    for (int turn = 0; turn < 20'000; ++turn) {
      society.take();
      if (turn % 100 == 0) society.check();
    }
  }
}

TEST_CASE("the lightest is served, a ten-thousandth of its round", "[schedule]") {
  // Served in items of 50, it needs 10^7 tokens of its round for each of its own.
  const auto small = [] { return 50; };
  const auto large = [] { return kLargest; };
  Society society;
  SECTION("a tenant") {
    for (uint64_t job = 0; job < 10; ++job) society.add(job, {.tenant_weight = 100}, small);
    society.add(10, {.tenant = 1, .tenant_weight = 0.01}, large);
  }
  SECTION("a priority") {
    for (uint64_t job = 0; job < 10; ++job) society.add(job, {.priority_weight = 100}, small);
    society.add(10, {.priority = 1, .priority_weight = 0.01}, large);
  }
  SECTION("a job") {
    society.add(0, {.weight = 100}, small);
    society.add(10, {.weight = 0.01}, large);
  }
  while (society.crowd.total < 25'000'000) society.take();
  CHECK(society.crowd.tokens[10] == Approx(2500).margin(kLargest));
  society.check();
}

TEST_CASE("the share of an idle tenant, priority or job goes to the others of its round", "[schedule]") {
  Crowd crowd;
  const auto ten = [] { return 10; };
  crowd.add(1, {.tenant = 1, .priority = 1, .weight = 1}, ten);
  crowd.add(2, {.tenant = 1, .priority = 1, .weight = 3}, ten);
  crowd.add(3, {.tenant = 1, .priority = 2}, ten);
  crowd.add(4, {.tenant = 2}, ten);
  CHECK(crowd.parts(100'000).at(1) == Approx(1.0 / 16).margin(0.01));
  crowd.queue.block({.job = 2});
  CHECK(crowd.parts(100'000).at(1) == Approx(1.0 / 4).margin(0.01));
  crowd.queue.block({.job = 3});
  CHECK(crowd.parts(100'000).at(1) == Approx(1.0 / 2).margin(0.01));
  crowd.queue.block({.job = 4});
  CHECK(crowd.parts(100'000).at(1) == Approx(1));
  for (const uint64_t job : {2, 3, 4}) crowd.queue.unblock({.job = job});
  CHECK(crowd.parts(100'000).at(1) == Approx(1.0 / 16).margin(0.01));
  crowd.remove(4);
  crowd.remove(3);
  CHECK(crowd.parts(100'000).at(1) == Approx(1.0 / 4).margin(0.01));
}

TEST_CASE("many streams make no more of a job", "[schedule]") {
  harvest::schedule::FairQueue<int> queue;
  std::map<uint64_t, std::map<uint32_t, int>> taken;
  for (uint32_t stream = 0; stream < 5; ++stream) queue.open({.job = 1, .stream = stream}, Share(), {0});
  queue.open({.job = 2}, Share(), {0});
  for (int i = 0; i < 3; ++i) {
    for (uint32_t stream = 0; stream < 5; ++stream) queue.push({.job = 1, .stream = stream}, 10, 0);
    queue.push({.job = 2}, 10, 0);
  }
  for (int i = 0; i < 10'000; ++i) {
    const harvest::schedule::StreamKey key = *queue.front_stream(0);
    queue.take(0);
    ++taken[key.job][key.stream];
    queue.push(key, 10, 0);
  }
  CHECK(taken[2][0] == Approx(5000).margin(3));
  for (const auto& [stream, items] : taken[1]) CHECK(items == Approx(1000).margin(3));
}

TEST_CASE("a running job gets another weight, priority and tenant", "[schedule]") {
  Crowd crowd;
  const auto ten = [] { return 10; };
  crowd.add(1, {.tenant = 1}, ten);
  crowd.add(2, {.tenant = 1}, ten);
  crowd.add(3, {.tenant = 2}, ten);
  CHECK(crowd.parts(100'000).at(1) == Approx(0.25).margin(0.01));
  crowd.queue.set_share({.job = 1}, {.tenant = 1, .weight = 4});
  CHECK(crowd.parts(100'000).at(1) == Approx(0.4).margin(0.01));
  crowd.queue.set_share({.job = 1}, {.tenant = 1, .priority = 1, .priority_weight = 3});
  CHECK(crowd.parts(100'000).at(1) == Approx(0.375).margin(0.01));
  crowd.queue.set_share({.job = 1}, {.tenant = 3, .tenant_weight = 2});
  CHECK(crowd.parts(100'000).at(1) == Approx(0.5).margin(0.01));
  CHECK(crowd.parts(100'000).at(2) == Approx(0.25).margin(0.01));
  crowd.queue.set_share({.job = 2}, {.tenant = 1, .tenant_weight = 7});
  CHECK(crowd.parts(100'000).at(2) == Approx(0.7).margin(0.01));
  CHECK(crowd.queue.size() == 9);
}

TEST_CASE("wrong estimates are put right at every level", "[schedule]") {
  Crowd crowd;
  const auto hundred = [] { return 100; };
  // Tenant 1 uses twice what it says, one of tenant 2's jobs half of it.
  crowd.add(1, {.tenant = 1}, hundred);
  crowd.add(2, {.tenant = 2, .priority = 1}, hundred);
  crowd.add(3, {.tenant = 2, .priority = 2}, hundred);
  const std::map<uint64_t, int64_t> uses = {{1, 200}, {2, 50}, {3, 100}};
  std::map<uint64_t, double> actual;
  std::vector<uint64_t> in_flight;
  for (int i = 0; i < 50'000; ++i) {
    in_flight.push_back(crowd.take().first);
    if (in_flight.size() < 20) continue;
    const uint64_t job = in_flight.front();
    in_flight.erase(in_flight.begin());
    actual[job] += static_cast<double>(uses.at(job));
    crowd.queue.correct({.job = job}, 0, uses.at(job) - 100);
  }
  const double all = actual[1] + actual[2] + actual[3];
  CHECK(actual[1] / all == Approx(0.5).margin(0.02));
  CHECK(actual[2] / all == Approx(0.25).margin(0.02));
  CHECK(actual[3] / all == Approx(0.25).margin(0.02));
}
