#include <catch2/catch.hpp>

#include "tests/flow/harvest_rig.h"

using namespace harvest;
using flow::test::answer;
using flow::test::HarvestRig;
using flow::test::priced;

namespace {

constexpr int64_t kHourUs = 3'600'000'000;
const std::vector<std::string> kAskedAgain = {"first question", "second question", "third question"};

dialect::HttpExchange ended_by(const std::string& reason) {
  dialect::HttpExchange exchange = answer("text");
  exchange.body.replace(exchange.body.find("stop"), 4, reason);
  return exchange;
}

v1::Teacher of_revision(const std::string& revision) {
  v1::Teacher teacher = priced();
  teacher.set_model_revision(revision);
  return teacher;
}

v1::JobCounters harvested(HarvestRig& rig, const v1::Job& job) {
  return rig.await(rig.submit(job, kAskedAgain), v1::FINISHED).record().counters();
}

}  // namespace

TEST_CASE("an answer that is there already costs nothing and says what it saved", "[flow][reuse]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {priced()});
  const v1::JobCounters first = harvested(rig, HarvestRig::job());
  CHECK(first.saved_picodollars() == 0);
  const v1::JobCounters second = harvested(rig, HarvestRig::job());
  CHECK(second.reused() == 3);
  CHECK(second.spent_picodollars() == 0);
  CHECK(second.saved_picodollars() == first.spent_picodollars());
}

TEST_CASE("where the vendor does not count the cap, what is reserved of it is no cap of the answer", "[flow][reuse]") {
  v1::Teacher teacher = priced();
  teacher.mutable_limits()->set_output_cap_counts(false);
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {teacher});
  // Enough answers that their usual length is what is reserved.
  const std::vector<std::string> many = flow::test::numbered(40, "question");
  rig.await(rig.submit(HarvestRig::job(), many), v1::FINISHED);
  rig.await(rig.submit(HarvestRig::job(), flow::test::numbered(10, "other")), v1::FINISHED);
  const v1::JobCounters again =
      rig.await(rig.submit(HarvestRig::job(), flow::test::numbered(10, "other")), v1::FINISHED).record().counters();
  CHECK(again.reused() == 10);
  CHECK(again.spent_picodollars() == 0);
}

TEST_CASE("answers older than the stated age are asked anew, and are then as new as any", "[flow][reuse]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); });
  harvested(rig, HarvestRig::job());
  v1::Job job = HarvestRig::job();
  job.set_max_age("2h");
  rig.clock().ahead_us = kHourUs;
  CHECK(harvested(rig, job).reused() == 3);
  rig.clock().ahead_us = 3 * kHourUs;
  CHECK(harvested(rig, job).reused() == 0);
  CHECK(harvested(rig, job).reused() == 3);
}

TEST_CASE("an answer that came while the job ran is never too old for it", "[flow][reuse]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); });
  v1::Job job = HarvestRig::job();
  job.set_max_age("1h");
  REQUIRE(rig.control().halt("nothing is asked yet").ok());
  const std::string waiting = rig.submit(job, kAskedAgain);
  REQUIRE(rig.control().pause_job(waiting, "").ok());
  REQUIRE(rig.control().lift_halt().ok());
  harvested(rig, HarvestRig::job());
  rig.clock().ahead_us = 2 * kHourUs;
  REQUIRE(rig.control().resume_job(waiting).ok());
  CHECK(rig.await(waiting, v1::FINISHED).record().counters().reused() == 3);
}

TEST_CASE("an age that is none is refused by its field", "[flow][reuse]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); });
  v1::Job job = HarvestRig::job();
  job.set_max_age("soon");
  CHECK(rig.try_submit(job, kAskedAgain).status().message() ==
        "max_age: found 'soon', expected an age like 12h, 7d or 1d12h");
  job.set_max_age("7d");
  job.set_fresh(true);
  CHECK(rig.try_submit(job, kAskedAgain).status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("an answer that was cut off is no answer to another query, a refusal is", "[flow][reuse]") {
  const auto [reason, reused] = GENERATE(table<std::string, uint64_t>({{"length", 0}, {"content_filter", 3}}));
  HarvestRig rig([reason = reason](const auto&, int) { return ended_by(reason); });
  harvested(rig, HarvestRig::job());
  const v1::JobCounters again = harvested(rig, HarvestRig::job());
  CHECK(again.reused() == reused);
  CHECK(again.refused() == reused);
}

TEST_CASE("an answer whose teacher does not permit the new use is not used for it", "[flow][reuse]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); });
  harvested(rig, HarvestRig::job());
  rig.may_reuse = false;
  CHECK(harvested(rig, HarvestRig::job()).reused() == 0);
}

TEST_CASE("another revision of a model has not answered yet", "[flow][reuse]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {of_revision("2026-01")});
  harvested(rig, HarvestRig::job());
  rig.restart({of_revision("2026-02")});
  CHECK(harvested(rig, HarvestRig::job()).reused() == 0);
  CHECK(harvested(rig, HarvestRig::job()).reused() == 3);
}

TEST_CASE("a paused job that holds the same queries keeps nobody from asking what has no usable answer",
          "[flow][reuse][regression]") {
  HarvestRig rig([](const auto&, int asked) { return ended_by(asked == 0 ? "length" : "stop"); }, {priced()});
  rig.on_lane([&] { rig.transport().hold = true; });
  v1::Job slow = HarvestRig::job();
  slow.set_concurrency(1);
  const std::string paused = rig.submit(slow, kAskedAgain);
  rig.await_on_lane([&] { return rig.transport().in_flight == 1; });
  REQUIRE(rig.control().pause_job(paused, "").ok());
  rig.on_lane([&] {
    rig.transport().hold = false;
    rig.transport().release();
  });
  rig.await(paused, v1::PAUSED);
  // Cut off but for the first, which the paused job asked before.
  CHECK(harvested(rig, HarvestRig::job()).truncated() == 2);
  const v1::JobCounters again = harvested(rig, HarvestRig::job());
  CHECK(again.answered() == 3);
  CHECK(again.truncated() == 0);
  CHECK(again.reused() == 1);
}
