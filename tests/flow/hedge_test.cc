// Second calls beside slow ones: made within limits and money, paid for, and never lost.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "tests/flow/harvest_rig.h"

namespace harvest::flow::test {
namespace {

/// $1 per million tokens of either kind.
v1::Teacher billing() {
  v1::Teacher teacher = HarvestRig::teacher("t");
  teacher.mutable_prices()->set_free(false);
  teacher.mutable_prices()->set_input_usd_per_mtok("1");
  teacher.mutable_prices()->set_output_usd_per_mtok("1");
  return teacher;
}

v1::Job hedged(double ratio = 0.1) {
  v1::Job job = HarvestRig::job();
  job.set_hedge_ratio_max(ratio);
  return job;
}

std::vector<std::string> prompts(int count, const std::string& word = "p") {
  std::vector<std::string> made;
  for (int i = 0; i < count; ++i) made.push_back(word + std::to_string(i));
  return made;
}

/// A rig whose teacher has answered `known` queries of a job at once, and holds back whatever comes next.
struct SlowTeacher {
  explicit SlowTeacher(v1::Job job, v1::Teacher teacher = billing(), int known = 150)
      : rig([](const dialect::HttpRequest&, int asked) { return answer("answer " + std::to_string(asked)); },
            {std::move(teacher)}) {
    rig.await(rig.submit(job, prompts(known, "fast")), v1::FINISHED);
    rig.on_lane([this] { rig.transport().hold = true; });
    id = rig.submit(job, prompts(20, "slow"));
  }
  v1::JobStatus job() { return *rig.control().job(id); }
  /// Waits until so many second calls were made.
  void await_hedges(uint64_t count) {
    rig.await_on_lane([&] { return rig.store().job(number())->counters().hedges() == count; });
  }
  uint64_t number() { return job().record().number(); }
  void release() {
    rig.on_lane([this] {
      rig.transport().hold = false;
      rig.transport().release();
    });
  }

  HarvestRig rig;
  std::string id;
};

constexpr int64_t kAnswerPicodollars = 30 * 1'000'000;  // 10 tokens in, 20 out

}  // namespace

TEST_CASE("a slow call gets a second one beside it, and both are paid for", "[flow]") {
  SlowTeacher slow(hedged());
  slow.await_hedges(2);  // a tenth of twenty
  CHECK(slow.rig.transport().requests().size() == 150 + 22);
  slow.release();
  const v1::JobStatus done = slow.rig.await(slow.id, v1::FINISHED);
  CHECK(done.record().counters().answered() == 20);
  slow.rig.await_on_lane([&] { return slow.rig.store().job(slow.number())->counters().at_risk_picodollars() == 0; });
  const v1::JobCounters counters = slow.rig.store().job(slow.number())->counters();
  CHECK(counters.attempts() == 22);
  CHECK(counters.hedges() == 2);
  CHECK(counters.spent_picodollars() == 22 * kAnswerPicodollars);
  CHECK(slow.rig.pairs().size() == 150 + 20);
  CHECK(slow.rig.store().lost_attempts("", 10).empty());
}

TEST_CASE("without being asked for nothing is made twice", "[flow]") {
  SlowTeacher slow(HarvestRig::job());
  slow.rig.await_on_lane([&] { return slow.rig.transport().in_flight == 20; });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  CHECK(slow.rig.transport().requests().size() == 150 + 20);
  slow.release();
  CHECK(slow.rig.await(slow.id, v1::FINISHED).record().counters().hedges() == 0);
}

TEST_CASE("a second call is not made where limits do not allow it", "[flow]") {
  v1::Teacher teacher = billing();
  teacher.mutable_limits()->set_concurrency(20);
  SlowTeacher slow(hedged(), teacher);
  slow.rig.await_on_lane([&] { return slow.rig.transport().in_flight == 20; });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  CHECK(slow.rig.transport().requests().size() == 150 + 20);
  CHECK(slow.job().record().counters().hedges() == 0);
  slow.release();
  slow.rig.await(slow.id, v1::FINISHED);
}

TEST_CASE("a hedge is refused where it would be another way to pay twice", "[flow]") {
  HarvestRig rig([](const dialect::HttpRequest&, int) { return answer("a"); });
  const auto refused = rig.try_submit(hedged(0.5), prompts(1));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.status().message() == "hedge_ratio_max: found 0.5, expected 0 to 0.1");
}

}  // namespace harvest::flow::test
