#include "service/quality/drift_watch.h"

#include <catch2/catch.hpp>

using namespace harvest;
using quality::DriftWatch;

namespace {

constexpr int64_t kHour = 3'600'000'000, kDay = 24 * kHour, kStart = 1'000 * kDay;

/// A day's answers, one an hour.
void a_day_of(DriftWatch& watch, const DriftWatch::Identity& who, int64_t from_us) {
  for (int64_t hour = 0; hour < 24; ++hour) watch.seen(who, from_us + hour * kHour);
}

}  // namespace

TEST_CASE("the first answer begins the first epoch and the same teacher begins no other", "[quality]") {
  DriftWatch watch;
  CHECK(watch.epoch() == 0);
  const v1::TeacherEpoch* first = watch.seen({"m-1", "fp1"}, kStart);
  REQUIRE(first != nullptr);
  CHECK(first->number() == 1);
  CHECK(first->cause() == "first");
  CHECK_FALSE(quality::is_change(*first));
  CHECK(watch.seen({"m-1", "fp1"}, kStart + 30 * kDay) == nullptr);
  CHECK(watch.epoch() == 1);
}

TEST_CASE("another dated snapshot behind an alias begins an epoch that says what was there before", "[quality]") {
  DriftWatch watch;
  watch.seen({"gpt-4o-2024-05-13", "fp1"}, kStart);
  const v1::TeacherEpoch* second = watch.seen({"gpt-4o-2024-08-06", "fp2"}, kStart + kHour);
  REQUIRE(second != nullptr);
  CHECK(second->number() == 2);
  CHECK(second->cause() == "model_reported");
  CHECK(second->since_us() == kStart + kHour);
  CHECK(second->detail() == "gpt-4o-2024-05-13 fp1 before, gpt-4o-2024-08-06 fp2 now");
  CHECK(quality::is_change(*second));
}

TEST_CASE("a fingerprint that was never seen begins an epoch", "[quality]") {
  DriftWatch watch;
  watch.seen({"m", "fp1"}, kStart);
  const v1::TeacherEpoch* second = watch.seen({"m", "fp2"}, kStart + 1);
  REQUIRE(second != nullptr);
  CHECK(second->cause() == "system_fingerprint");
}

TEST_CASE("a vendor that goes back and forth between fingerprints begins one epoch for each", "[quality]") {
  DriftWatch watch;
  const char* fingerprints[] = {"fp1", "fp2", "fp3"};
  for (int i = 0; i < 3000; ++i) watch.seen({"m", fingerprints[i % 3]}, kStart + i * kHour / 10);
  CHECK(watch.epoch() == 3);
}

TEST_CASE("an identity that comes back after a day of others begins an epoch", "[quality]") {
  DriftWatch watch;
  watch.seen({"m", "old"}, kStart);
  a_day_of(watch, {"m", "new"}, kStart + kHour);
  CHECK(watch.epoch() == 2);
  CHECK(watch.seen({"m", "old"}, kStart + 24 * kHour - 1) == nullptr);
  a_day_of(watch, {"m", "new"}, kStart + kDay);
  a_day_of(watch, {"m", "new"}, kStart + 2 * kDay);
  const v1::TeacherEpoch* back = watch.seen({"m", "old"}, kStart + 3 * kDay);
  REQUIRE(back != nullptr);
  CHECK(back->number() == 3);
  CHECK(back->detail() == "m new before, m old now, as once already");
}

TEST_CASE("a teacher that nobody asked for weeks has not changed by that, over a restart either", "[quality]") {
  DriftWatch watch;
  watch.seen({"m", "fp1"}, kStart);
  watch.seen({"m", "fp2"}, kStart + kHour);
  DriftWatch again(watch.book());
  CHECK(again.seen({"m", "fp1"}, kStart + 21 * kDay) == nullptr);
  CHECK(again.seen({"m", "fp2"}, kStart + 21 * kDay + 1) == nullptr);
}

TEST_CASE("a restart neither forgets nor tells again", "[quality]") {
  DriftWatch watch;
  watch.seen({"m-1", "fp1"}, kStart);
  watch.seen({"m-2", "fp2"}, kStart + 1);
  DriftWatch again(watch.book());
  CHECK(again.epoch() == 2);
  CHECK(again.seen({"m-2", "fp2"}, kStart + 2) == nullptr);
  CHECK(again.seen({"m-1", "fp1"}, kStart + 3) == nullptr);
  CHECK(again.seen({"m-3", "fp1"}, kStart + 4)->number() == 3);
}

TEST_CASE("what is not reported tells nothing", "[quality]") {
  DriftWatch watch;
  watch.seen({"", ""}, kStart);
  CHECK(watch.seen({"m", ""}, kStart + 1) == nullptr);
  CHECK(watch.seen({"m", "fp1"}, kStart + 2) == nullptr);
  CHECK(watch.seen({"m", ""}, kStart + 3) == nullptr);
  CHECK(watch.seen({"m", "fp2"}, kStart + 4) != nullptr);
  CHECK(watch.seen({"", ""}, kStart + 5) == nullptr);
}

TEST_CASE("a server that makes up fingerprints is told of eight times a day", "[quality]") {
  DriftWatch watch;
  for (int i = 0; i < 1000; ++i) watch.seen({"m", std::to_string(i)}, kStart + i);
  CHECK(watch.epoch() == 9);
  CHECK(watch.seen({"another", "x"}, kStart + kHour)->cause() == "model_reported");
}

TEST_CASE("an answer that a batch brings late begins an epoch only where its identity was never seen", "[quality]") {
  DriftWatch watch;
  watch.seen({"m", "old"}, kStart);
  for (int64_t day = 0; day < 3; ++day) a_day_of(watch, {"m", "new"}, kStart + day * kDay);
  CHECK(watch.seen({"m", "old"}, kStart + 3 * kDay, true) == nullptr);
  CHECK(watch.seen({"m", "other"}, kStart + 3 * kDay, true) != nullptr);
}

TEST_CASE("a teacher that calls itself by a megabyte costs no megabyte", "[quality]") {
  DriftWatch watch;
  const std::string name(1 << 20, 'x');
  watch.seen({name, name}, kStart);
  CHECK(watch.seen({name, name}, kStart + 1) == nullptr);
  CHECK(watch.book().ByteSizeLong() < 2000);
}

TEST_CASE("the book tells the last twenty epochs and numbers go on", "[quality]") {
  DriftWatch watch;
  for (int i = 0; i < 50; ++i) watch.seen({"m" + std::to_string(i), ""}, kStart + i);
  CHECK(watch.epoch() == 50);
  CHECK(watch.book().epochs_size() == 20);
}

TEST_CASE("an epoch of canaries keeps the name and one of a name makes canaries begin anew", "[quality]") {
  DriftWatch watch;
  watch.seen({"m", "fp"}, kStart);
  for (int i = 0; i < 4; ++i) CHECK(watch.heard({1}, {{1, 'a'}}, kStart + i) == nullptr);
  CHECK(watch.heard({1}, {{1, 'b'}}, kStart + 5) == nullptr);
  const v1::TeacherEpoch* second = watch.heard({1}, {{1, 'b'}}, kStart + 6);
  REQUIRE(second != nullptr);
  CHECK(second->cause() == "canaries");
  CHECK(second->model_reported() == "m");
  for (int i = 0; i < 4; ++i) CHECK(watch.heard({1}, {{1, 'b'}}, kStart + 10 + i) == nullptr);
  CHECK(watch.seen({"m2", "fp"}, kStart + 20)->number() == 3);
  for (int i = 0; i < 3; ++i) CHECK(watch.heard({1}, {{1, 'c'}}, kStart + 30 + i) == nullptr);
}

TEST_CASE("the book is worth keeping when an epoch began and else once an hour", "[quality]") {
  DriftWatch watch;
  watch.seen({"m", "fp"}, kStart);
  CHECK(watch.changed());
  CHECK_FALSE(watch.changed());
  watch.seen({"m", "fp"}, kStart + 1);
  CHECK_FALSE(watch.changed());
  watch.seen({"m", "fp"}, kStart + kHour + 1);
  CHECK(watch.changed());
}
