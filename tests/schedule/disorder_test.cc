#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include "service/schedule/fair_queue.h"
#include "tests/scale.h"
#include "tests/schedule/crowd.h"

using harvest::schedule::FairQueue;
using harvest::schedule::Share;
using harvest::schedule::StreamKey;
using harvest::schedule::testing::any_weight;

namespace {

constexpr uint32_t kTeachers = 3;

/// A queue to which anything happens in any order, beside the plainest account of what it holds.
class Disorder {
 public:
  explicit Disorder(uint32_t seed) : random_(seed) {}

  void happen() {
    const StreamKey key{.job = pick(5), .stream = static_cast<uint32_t>(pick(3))};
    if (!streams_.contains(key)) return open(key);
    Stream& stream = streams_.at(key);
    switch (pick(28)) {
      case 0:
        queue_.close(key);
        streams_.erase(key);
        return release(key);
      case 1:
        queue_.block(key);
        stream.blocked = true;
        return release(key);
      case 2:
      case 3:
        queue_.unblock(key);
        stream.blocked = false;
        return;
      case 4:
        return queue_.set_share(key, share());
      case 5:
        return queue_.set_share(key, any_teacher(stream), share());
      case 6:
      case 7:
        return queue_.correct(key, any_teacher(stream), static_cast<int64_t>(pick(4000)) - 2000);
      case 8:
      case 9:
      case 10:
      case 11:
      case 12:
      case 13:
        stream.items.push_back(++items_);
        return queue_.push(key, static_cast<int64_t>(1 + pick(1000)), items_);
      case 14:
        return hold(key, any_teacher(stream));
      case 15:
      case 16: {
        const uint32_t teacher = any_teacher(stream);
        stream.held.erase(teacher);
        return queue_.release(key, teacher);
      }
      default:
        return take(static_cast<uint32_t>(pick(kTeachers)));
    }
  }

  /// Asks some teachers, so that some fronts are chosen long before they are taken.
  void check() {
    for (uint32_t teacher = 0; teacher < kTeachers; ++teacher) {
      if (pick(2) == 0) check(teacher);
    }
  }

 private:
  struct Stream {
    std::vector<uint32_t> teachers;
    bool blocked = false;
    std::set<uint32_t> held;
    std::deque<int> items;
  };

  uint64_t pick(uint64_t below) { return random_() % below; }
  uint32_t any_teacher(const Stream& stream) { return stream.teachers[pick(stream.teachers.size())]; }

  Share share() {
    Share share{.tenant = static_cast<uint32_t>(pick(3)), .tenant_weight = any_weight(random_)};
    share.priority = static_cast<uint8_t>(pick(2));
    share.priority_weight = any_weight(random_);
    share.weight = any_weight(random_);
    if (pick(3) == 0) share.floor = static_cast<double>(pick(100)) / 100;
    return share;
  }

  void open(StreamKey key) {
    Stream& stream = streams_[key];
    for (uint32_t teacher = 0; teacher < kTeachers; ++teacher) {
      if (pick(2) == 0) stream.teachers.push_back(teacher);
    }
    if (stream.teachers.empty()) stream.teachers.push_back(0);
    queue_.open(key, share(), stream.teachers);
  }

  void hold(StreamKey key, uint32_t teacher) {
    queue_.hold(key, teacher);
    streams_.at(key).held.insert(teacher);
    if (chosen_[teacher] == key) chosen_[teacher].reset();
  }

  void take(uint32_t teacher) {
    check(teacher);
    const std::optional<StreamKey> key = queue_.front_stream(teacher);
    if (!key) return;
    Stream& stream = streams_.at(*key);
    REQUIRE(queue_.take(teacher) == stream.items.front());
    stream.items.pop_front();
    release(*key);
  }

  void release(StreamKey key) {
    for (auto& chosen : chosen_) {
      if (chosen == key) chosen.reset();
    }
  }

  void check(uint32_t teacher) {
    const std::optional<StreamKey> key = queue_.front_stream(teacher);
    if (chosen_[teacher]) REQUIRE(key == chosen_[teacher]);
    chosen_[teacher] = key;
    if (!key) {
      for (const auto& [other, stream] : streams_) REQUIRE_FALSE(goes(stream, teacher));
      REQUIRE(queue_.front(teacher) == nullptr);
    } else {
      REQUIRE(goes(streams_.at(*key), teacher));
      REQUIRE(*queue_.front(teacher) == streams_.at(*key).items.front());
    }
  }

  static bool goes(const Stream& stream, uint32_t teacher) {
    return !stream.blocked && !stream.held.contains(teacher) && !stream.items.empty() &&
           std::find(stream.teachers.begin(), stream.teachers.end(), teacher) != stream.teachers.end();
  }

  std::mt19937 random_;
  FairQueue<int> queue_;
  std::map<StreamKey, Stream> streams_;
  std::array<std::optional<StreamKey>, kTeachers> chosen_;
  int items_ = 0;
};

}  // namespace

TEST_CASE("whatever happens: something goes while anything may, and a front stays until it is taken", "[schedule]") {
  const int runs = static_cast<int>(std::ceil(100 * harvest::testing::scale()));
  for (int run = 0; run < runs; ++run) {
    Disorder disorder(static_cast<uint32_t>(run));
    for (int i = 0; i < 5000; ++i) {
      disorder.happen();
      disorder.check();
    }
  }
}

TEST_CASE("the front stays when its job moves to another tenant", "[schedule]") {
  FairQueue<int> queue;
  queue.open({.job = 1}, {.tenant = 1}, {0});
  queue.open({.job = 2}, {.tenant = 2, .floor = 0.9}, {0});
  queue.push({.job = 1}, 1000, 1);
  REQUIRE(*queue.front(0) == 1);
  queue.push({.job = 2}, 1, 2);
  queue.set_share({.job = 1}, {.tenant = 2, .weight = 0.001});
  CHECK(*queue.front(0) == 1);
  CHECK(queue.take(0) == 1);
  CHECK(queue.take(0) == 2);
}
