#include "service/limit/gcra.h"

#include <catch2/catch.hpp>

using harvest::limit::Gcra;
using harvest::limit::Instant;
using harvest::limit::kMicro;
using namespace std::chrono_literals;

namespace {

Gcra gcra_of(int64_t limit) {
  Gcra gcra;
  gcra.shape(limit * kMicro, 60s, 250ms);
  return gcra;
}

/// Takes `amount` as often as it is ready until `end`; returns how often.
int64_t drain(Gcra& gcra, int64_t amount, Instant from, Instant end) {
  int64_t taken = 0;
  for (Instant now = from;; ++taken) {
    now = std::max(now, gcra.ready_at(amount));
    if (now >= end) return taken;
    gcra.take(amount, now);
  }
}

}  // namespace

TEST_CASE("no span of window and jitter holds more than the limit", "[limit]") {
  for (const int64_t limit : {1, 2, 10, 600, 6000, 100'000}) {
    Gcra gcra = gcra_of(limit);
    CHECK(drain(gcra, 1, 1h, 1h + 60s + 250ms) <= limit);
  }
}

TEST_CASE("a thousandth of the limit and the jitter are all that pacing costs", "[limit]") {
  Gcra gcra = gcra_of(6000);
  CHECK(drain(gcra, 1, 0s, 1h) >= 6000 * 60 * 0.994);
}

TEST_CASE("a timer that fires late costs no rate", "[limit]") {
  Gcra gcra = gcra_of(600);
  int64_t taken = 0;
  for (Instant now = 0s; now < 1h; ++taken) {
    gcra.take(1, now);
    now = std::max(now, gcra.ready_at(1)) + 20ms;
  }
  CHECK(taken >= 600 * 60 * 0.99);
}

TEST_CASE("a demand of a whole window waits for an empty one and then goes", "[limit]") {
  Gcra gcra = gcra_of(1000);
  gcra.take(10, 1h);
  const Instant ready = gcra.ready_at(1000);
  CHECK(ready > 1h + 60s);
  CHECK(ready <= 1h + 2 * 60250ms);
  CHECK(gcra.ready_at(5000) == ready);
}

TEST_CASE("what is given back can be taken at once", "[limit]") {
  Gcra gcra = gcra_of(1000);
  for (int i = 0; i < 10; ++i) gcra.take(100, std::max<Instant>(1h, gcra.ready_at(100)));
  const Instant before = gcra.ready_at(100);
  gcra.correct(-50);
  const Instant after = gcra.ready_at(100);
  CHECK(after < before);
  gcra.correct(50);
  CHECK(gcra.ready_at(100) >= before);
  CHECK(gcra.ready_at(100) <= before + 2ns);
}

TEST_CASE("after a restart nothing is in store, and what went beside a lost book is paid off", "[limit]") {
  Gcra gcra = gcra_of(600);
  gcra.empty(1h);
  CHECK(gcra.ready_at(1) > 1h + 250ms);
  CHECK(gcra.ready_at(1) < 1h + 270ms);
}

TEST_CASE("beside a book the whole limit is paced for, and no more than b is lent", "[limit]") {
  Gcra gcra = gcra_of(1000);
  gcra.take(100, 1h);
  CHECK(gcra.coarse());
  int64_t taken = 0;
  for (Instant now = 1h + 2min;; taken += 100) {
    now = std::max(now, gcra.ready_beside_book_at(100));
    if (now >= 1h + 12min) break;
    gcra.take(100, now);
    REQUIRE(taken <= (now - 1h - 2min) * 1000 / 60250ms + 101);
  }
  CHECK(taken >= 9900);
}

TEST_CASE("what went beside a book leaves no more than a burst to be paid off", "[limit]") {
  Gcra gcra = gcra_of(1000);
  for (Instant now = 1h; now < 3h; now = std::max(now, gcra.ready_beside_book_at(100))) gcra.take(100, now);
  gcra.take(100, 3h);
  CHECK(gcra.ready_at(100) < 3h + 20s);
}

TEST_CASE("pacing is the same near the end of the clock", "[limit]") {
  Gcra gcra = gcra_of(600);
  const Instant late = Instant::max() - 1h;
  CHECK(drain(gcra, 1, late, late + 60s + 250ms) <= 600);
  gcra.take(1'000'000'000'000, late + 2min);
  CHECK(gcra.ready_at(1) <= Instant::max());
  CHECK(gcra.ready_at(1) > late + 2min);
}

TEST_CASE("more than a whole window's worth is paid off before the next goes, large or small", "[limit]") {
  Gcra gcra;
  gcra.shape(100'000'000, 1s, 0ms);
  Instant now = 1h;
  int64_t taken = 0;
  for (int i = 0; i < 200; ++i) {
    const int64_t amount = i % 7 == 0 ? 10 : 300;
    now = std::max(now, gcra.ready_at(amount));
    gcra.take(amount, now);
    taken += amount;
    // 100 a second, and the last one on top.
    REQUIRE(taken - amount <= (now - 1h) / 10ms + 300);
  }
}
