#include <algorithm>
#include <catch2/catch.hpp>

#include "rig.h"

namespace harvest::store::test {

TEST_CASE("an attempt that a crash found open is listed and booked at risk and waits again", "[store]") {
  Rig rig;
  rig.open();
  CHECK(rig->start_report().clean);
  const uint64_t job = rig.job(3);
  rig.must(rig.settle(rig.asked(job, 0)));
  const v1::Intent lost = rig.asked(job, 1);
  rig.crash();
  CHECK(recount(rig.options) == kAgreement);

  rig.open();
  CHECK_FALSE(rig->start_report().clean);
  CHECK(rig->start_report().crashes_in_a_row == 1);
  REQUIRE(rig->start_report().crash_intents.size() == 1);
  CHECK(rig->start_report().crash_intents[0].id() == lost.id());
  CHECK(rig->crash_intents_total() == 1);
  const auto record = *rig->job(job);
  CHECK(record.counters().at_risk_picodollars() == 1000);
  CHECK(record.counters().spent_picodollars() == 700);
  CHECK(record.reported_crash_intents() == 1);
  CHECK(rig->teacher_day("t0", 19000).at_risk_picodollars == 1000);
  const auto waiting = rig->postponed(job, 0, rig.now_us, 10);
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].ordinal() == 1);
  CHECK(waiting[0].crashes() == 1);
  CHECK(waiting[0].attempts() == 1);
  CHECK(record.streams(0).cursor() == 2);
  const int64_t found_at_us = rig.now_us;
  rig.close();

  rig.open();
  CHECK(rig->start_report().clean);
  CHECK(rig->start_report().crash_intents.empty());
  // Heard of, but never forgotten.
  const auto kept = rig->lost_attempts("", 10);
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].intent.SerializeAsString() == lost.SerializeAsString());
  CHECK(kept[0].found_at_us == found_at_us);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("lost attempts are read page by page in the order of their ids", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(5);
  std::vector<std::string> ids;
  for (uint64_t ordinal = 0; ordinal < 5; ++ordinal) ids.push_back(rig.asked(job, ordinal).id());
  rig.crash();
  rig.serves = false;
  for (int failed = 0; failed < 2; ++failed) {  // a start that told nobody writes none of them again
    rig.open();
    CHECK(rig->lost_attempts("", 10).size() == 5);
    rig.give_back();
  }
  rig.serves = true;
  rig.open();
  std::sort(ids.begin(), ids.end());
  std::vector<std::string> read;
  for (;;) {
    const auto page = rig->lost_attempts(read.empty() ? "" : read.back(), 2);
    if (page.empty()) break;
    for (const LostAttempt& lost : page) read.push_back(lost.intent.id());
  }
  CHECK(read == ids);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("a query whose intent was open in three crashes in a row is quarantined", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(1);
  rig.asked(job, 0);
  for (uint32_t crash = 1; crash <= 2; ++crash) {
    rig.crash();
    rig.open();
    CHECK(rig->start_report().crashes_in_a_row == crash);
    const auto waiting = rig->postponed(job, 0, rig.now_us, 1);
    REQUIRE(waiting.size() == 1);
    v1::Intent again = rig.intent(job, 0, 0);
    again.set_crashes(waiting[0].crashes());
    again.set_attempt(waiting[0].attempts() + 1);
    rig.must(rig.reserve(again, waiting[0].due_at_us()));
  }
  rig.crash();
  rig.open();
  CHECK(rig->start_report().crashes_in_a_row == 3);
  CHECK(rig->crash_intents_total() == 3);
  const auto record = *rig->job(job);
  CHECK(record.counters().quarantined() == 1);
  CHECK(record.counters().at_risk_picodollars() == 3000);
  CHECK(record.state() == v1::FINISHED);
  const auto endings = rig->endings(job, 0, 10);
  REQUIRE(endings.size() == 1);
  CHECK(endings[0].outcome() == "quarantined");
  CHECK(endings[0].line() == 1);

  // Who asks for a retry gives it its chances again.
  CHECK(rig.must(RequeueEndings{job, 42}).count == 1);
  CHECK(rig->job(job)->state() == v1::RUNNING);
  CHECK(rig->job(job)->counters().quarantined() == 0);
  CHECK(rig->next_due_us(job, 0) == 42);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("starts that fail leave the crash report to the next one and count no crash", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(2);
  const v1::Intent lost = rig.asked(job, 0);
  rig.crash();
  rig.serves = false;
  for (int failed = 0; failed < 4; ++failed) {
    rig.open();
    CHECK_FALSE(rig->start_report().clean);
    CHECK(rig->start_report().crashes_in_a_row == 1);
    REQUIRE(rig->start_report().crash_intents.size() == 1);
    CHECK(rig->start_report().crash_intents[0].id() == lost.id());
    CHECK(rig->crash_intents_total() == 1);
    CHECK(rig->job(job)->counters().at_risk_picodollars() == 1000);  // booked once
    CHECK(rig->postponed(job, 0, rig.now_us, 10).at(0).crashes() == 1);
    rig.give_back();
  }
  // Killed as it comes up: that is a crash, and it did not serve either.
  rig.open();
  rig.crash();
  rig.serves = true;
  rig.open();
  CHECK(rig->start_report().crashes_in_a_row == 2);
  REQUIRE(rig->start_report().crash_intents.size() == 1);
  CHECK(rig->job(job)->reported_crash_intents() == 1);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
  rig.open();
  CHECK(rig->start_report().clean);
  CHECK(rig->start_report().crash_intents.empty());
}

TEST_CASE("one settled answer ends the row of crashes", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(2);
  rig.crash();
  rig.open();
  rig.crash();
  rig.open();
  CHECK(rig->start_report().crashes_in_a_row == 2);
  rig.must(rig.settle(rig.asked(job, 0)));
  rig.crash();
  rig.open();
  CHECK(rig->start_report().crashes_in_a_row == 1);
  rig.close();
  rig.open();
  CHECK(rig->start_report().crashes_in_a_row == 0);
}

TEST_CASE("a group that crashes found open waits as single rows and is quarantined as one", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(1, 1, 3);
  v1::Intent intent = rig.intent(job, 0, 0);
  intent.set_choices(3);
  rig.must(rig.reserve(intent));
  for (uint32_t crash = 1; crash <= 2; ++crash) {
    rig.crash();
    CHECK(recount(rig.options) == kAgreement);
    rig.open();
    REQUIRE(rig->start_report().crash_intents.size() == 1);
    CHECK(rig->job(job)->counters().at_risk_picodollars() == 1000 * crash);  // the attempt's, once
    const auto waiting = rig->postponed(job, 0, rig.now_us, 10);
    REQUIRE(waiting.size() == 3);
    for (uint32_t i = 0; i < 3; ++i) {
      CHECK(waiting[i].ordinal() == i);
      CHECK(waiting[i].crashes() == crash);
      CHECK(waiting[i].due_at_us() == waiting[0].due_at_us());
    }
    intent.set_id(rig.intent(job, 0, 0).id());  // another attempt
    intent.set_crashes(crash);
    intent.set_attempt(crash + 1);
    rig.must(rig.reserve(intent, waiting[0].due_at_us()));
  }
  rig.crash();
  rig.open();
  CHECK(rig->job(job)->counters().quarantined() == 3);
  CHECK(rig->job(job)->counters().at_risk_picodollars() == 3000);
  CHECK(rig->job(job)->state() == v1::FINISHED);
  const auto endings = rig->endings(job, 0, 10);
  REQUIRE(endings.size() == 3);
  for (uint32_t i = 0; i < 3; ++i) {
    CHECK(endings[i].sample() == i);
    CHECK(endings[i].ordinal() == i);
  }
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

}  // namespace harvest::store::test
