// Spend protection: a job whose teacher wastes its money pauses, and says so.
#include <atomic>
#include <catch2/catch.hpp>

#include "service/config/guard_checks.h"
#include "service/quality/answer_watch.h"
#include "tests/flow/harvest_rig.h"

using namespace harvest;
using flow::test::answer;
using flow::test::HarvestRig;

namespace guard_test {

namespace {

constexpr uint64_t kInFlight = 8;

enum class Way { kGood, kRefused, kTruncated, kEmpty, kSame };

/// A teacher that answers in one way, until it is told another.
struct Moody {
  std::atomic<Way> way{Way::kGood};
  std::atomic<int> asked{0};

  dialect::HttpExchange operator()(const dialect::HttpRequest&, int) {
    const std::string own = "answer " + std::to_string(asked++);
    dialect::HttpExchange exchange = answer(way == Way::kEmpty ? "" : way == Way::kSame ? "always this" : own);
    const auto finish = [&](const std::string& reason) {
      exchange.body.replace(exchange.body.find("\"stop\""), 6, "\"" + reason + "\"");
    };
    if (way == Way::kRefused) finish("content_filter");
    if (way == Way::kTruncated) finish("length");
    return exchange;
  }
};

flow::test::FakeTransport::Script script_of(Moody& teacher) {
  return [&teacher](const auto& request, int asked) { return teacher(request, asked); };
}

v1::Teacher few_at_once(const std::string& name = "t") {
  v1::Teacher teacher = HarvestRig::teacher(name);
  teacher.mutable_limits()->set_concurrency(kInFlight);
  return teacher;
}

v1::Job guarded(double refused, double truncated = 0, double empty = 0, double duplicate = 0) {
  v1::Job job = HarvestRig::job();
  v1::Guard& guard = *job.mutable_guard();
  guard.set_refused_max(refused);
  guard.set_truncated_max(truncated);
  guard.set_empty_max(empty);
  guard.set_duplicate_max(duplicate);
  return job;
}

std::vector<std::string> numbered(int count) {
  std::vector<std::string> prompts;
  for (int i = 0; i < count; ++i) prompts.push_back("question " + std::to_string(i));
  return prompts;
}

uint64_t paid(const v1::JobStatus& status) {
  return status.record().counters().answered() + status.record().counters().refused();
}

/// Paused, whatever was in flight is kept, and the figures of it are told.
v1::JobStatus await_paused(HarvestRig& rig, const std::string& id) {
  rig.await(id, v1::PAUSED);
  rig.await_on_lane([&] {
    const v1::JobStatus job = *rig.control().job(id);
    return job.record().counters().attempts() == paid(job) && job.answer_rates_size() == 1;
  });
  return *rig.control().job(id);
}

}  // namespace

TEST_CASE("a job whose teacher refuses pauses and pays for what was in flight alone", "[flow][guard]") {
  Moody teacher{Way::kRefused};
  HarvestRig rig(script_of(teacher), {few_at_once()});
  const std::string id = rig.submit(guarded(0.2), numbered(500));
  const v1::JobStatus paused = await_paused(rig, id);
  CHECK(paused.record().reason().find(
            "guard: of t's last 20 answers 100 % were refused; the guard allows 20 %: look at `harvestctl pairs tail`, "
            "then `harvestctl jobs resume`") == 0);
  CHECK(paused.record().reason().find("queries are not asked") != std::string::npos);
  CHECK(paid(paused) >= 20);
  CHECK(paid(paused) <= 20 + kInFlight);
  CHECK(rig.pairs().size() == paid(paused));  // what was in flight is kept
  CHECK(rig.transport().requests().size() == paid(paused));
  REQUIRE(paused.answer_rates_size() == 1);
  CHECK(paused.answer_rates(0).teacher() == "t");
  CHECK(paused.answer_rates(0).refused() == paused.answer_rates(0).answers());
}

TEST_CASE("each trait stops a job that watches for it", "[flow][guard]") {
  struct Kind {
    Way way;
    v1::Job job;
    std::string words;
  };
  const Kind kinds[] = {{Way::kTruncated, guarded(0, 0.5), "were truncated"},
                        {Way::kEmpty, guarded(0, 0, 0.1), "were empty"},
                        {Way::kSame, guarded(0, 0, 0, 0.3), "had the text of another"}};
  for (const Kind& kind : kinds) {
    INFO(kind.words);
    Moody teacher{kind.way};
    HarvestRig rig(script_of(teacher), {few_at_once()});
    const v1::JobStatus paused = await_paused(rig, rig.submit(kind.job, numbered(300)));
    CHECK(paused.record().reason().find(kind.words) != std::string::npos);
    CHECK(paid(paused) <= 20 + kInFlight);
    const v1::JobCounters& counters = paused.record().counters();
    CHECK(counters.truncated() == (kind.way == Way::kTruncated ? paid(paused) : 0));
    CHECK(counters.empty() == (kind.way == Way::kEmpty ? paid(paused) : 0));
    CHECK(counters.duplicates() == (kind.way == Way::kSame ? paid(paused) - 1 : 0));
  }
}

TEST_CASE("nothing pauses without a guard and rates are told all the same", "[flow][guard]") {
  Moody teacher{Way::kRefused};
  HarvestRig rig(script_of(teacher), {few_at_once()});
  const bool off = GENERATE(true, false);
  if (off) rig.config().mutable_harvest()->mutable_guard()->set_refused_max(0.2);
  if (off) rig.restart({few_at_once()});
  v1::Job job = HarvestRig::job();
  if (off) job.mutable_guard();  // stated: nothing is watched
  rig.on_lane([&] { rig.transport().hold = true; });
  const std::string id = rig.submit(job, numbered(100));
  rig.await_on_lane([&] {
    rig.transport().release();
    return rig.control().job(id)->record().counters().refused() >= 50;
  });
  rig.await_on_lane([&] { return rig.control().job(id)->answer_rates_size() == 1; });
  rig.on_lane([&] {
    rig.transport().hold = false;
    rig.transport().release();
  });
  CHECK(rig.await(id, v1::FINISHED).record().counters().refused() == 100);
}

TEST_CASE("the configuration's guard watches jobs that state none", "[flow][guard]") {
  Moody teacher{Way::kRefused};
  HarvestRig rig(script_of(teacher), {few_at_once()});
  rig.config().mutable_harvest()->mutable_guard()->set_refused_max(0.5);
  rig.restart({few_at_once()});
  const v1::JobStatus paused = rig.await(rig.submit(HarvestRig::job(), numbered(300)), v1::PAUSED);
  CHECK(paused.record().reason().find("the guard allows 50 %") != std::string::npos);
}

TEST_CASE("refusals below what the guard allows do not pause a job", "[flow][guard]") {
  std::atomic<int> asked{0};
  HarvestRig rig(
      [&asked](const auto&, int) {
        dialect::HttpExchange exchange = answer("answer " + std::to_string(asked));
        if (asked++ % 6 == 0) exchange.body.replace(exchange.body.find("\"stop\""), 6, "\"content_filter\"");
        return exchange;
      },
      {few_at_once()});
  const v1::JobStatus done = rig.await(rig.submit(guarded(0.2), numbered(600)), v1::FINISHED);
  CHECK(done.record().counters().refused() == 100);
}

TEST_CASE("a resumed job begins with an empty window and is stopped again by new evidence alone", "[flow][guard]") {
  Moody teacher{Way::kRefused};
  HarvestRig rig(script_of(teacher), {few_at_once()});
  const std::string id = rig.submit(guarded(0.2), numbered(400));
  const uint64_t first = paid(await_paused(rig, id));
  SECTION("by a teacher that still refuses") {
    REQUIRE(rig.control().resume_job(id).ok());
    rig.await_on_lane([&] { return paid(*rig.control().job(id)) > first; });
    const v1::JobStatus again = await_paused(rig, id);
    CHECK(paid(again) - first >= 20);
    CHECK(paid(again) - first <= 20 + kInFlight);
  }
  SECTION("and not by one that is well again") {
    teacher.way = Way::kGood;
    REQUIRE(rig.control().resume_job(id).ok());
    const v1::JobStatus done = rig.await(id, v1::FINISHED);
    CHECK(done.record().counters().answered() == 400 - first);
  }
  SECTION("over a restart too") {
    rig.restart({few_at_once()});
    CHECK(rig.control().job(id)->record().state() == v1::PAUSED);
    teacher.way = Way::kGood;
    REQUIRE(rig.control().resume_job(id).ok());
    CHECK(rig.await(id, v1::FINISHED).record().counters().answered() == 400 - first);
  }
}

TEST_CASE("a retune of the guard lets a job go on that the old one had paused", "[flow][guard]") {
  Moody teacher{Way::kRefused};
  HarvestRig rig(script_of(teacher), {few_at_once()});
  const std::string id = rig.submit(guarded(0.2), numbered(100));
  rig.await(id, v1::PAUSED);
  v1::RetuneJobRequest request;
  request.set_job_id(id);
  request.set_max_cost_usd("5");
  REQUIRE(rig.control().retune_job(request).ok());
  CHECK(rig.control().job(id)->record().state() == v1::PAUSED);
  request.mutable_guard();  // off
  REQUIRE(rig.control().retune_job(request).ok());
  CHECK(rig.await(id, v1::FINISHED).record().counters().refused() == 100);
}

TEST_CASE("a guard set on a running job stops it within as few answers as one that it began with", "[flow][guard]") {
  Moody teacher{Way::kRefused};
  HarvestRig rig(script_of(teacher), {few_at_once()});
  rig.on_lane([&] { rig.transport().hold = true; });
  const std::string id = rig.submit(HarvestRig::job(), numbered(500));
  rig.await_on_lane([&] {
    rig.transport().release();
    return paid(*rig.control().job(id)) >= 40;
  });
  v1::RetuneJobRequest request;
  request.set_job_id(id);
  request.mutable_guard()->set_refused_max(0.3);
  REQUIRE(rig.control().retune_job(request).ok());
  rig.on_lane([&] {
    rig.transport().hold = false;
    rig.transport().release();
  });
  CHECK(paid(rig.await(id, v1::PAUSED)) <= 40 + 4 * kInFlight);
}

TEST_CASE("what was reused cost nothing and is not held against a job", "[flow][guard]") {
  Moody teacher{Way::kRefused};
  HarvestRig rig(script_of(teacher), {few_at_once()});
  rig.await(rig.submit(HarvestRig::job(), numbered(100)), v1::FINISHED);
  const v1::JobStatus again = rig.await(rig.submit(guarded(0.2), numbered(100)), v1::FINISHED);
  CHECK(again.record().counters().reused() == 100);
}

TEST_CASE("a job that has nothing left to ask is not paused", "[flow][guard]") {
  Moody teacher{Way::kRefused};
  HarvestRig rig(script_of(teacher), {few_at_once()});
  CHECK(rig.await(rig.submit(guarded(0.2), numbered(20)), v1::FINISHED).record().counters().refused() == 20);
}

TEST_CASE("a guard that is none is refused at submit and at retune by its field", "[flow][guard]") {
  Moody teacher;
  HarvestRig rig(script_of(teacher), {few_at_once()});
  const auto refusal = [&rig](v1::Job job) { return std::string(rig.try_submit(job, {"a"}).status().message()); };
  CHECK(refusal(guarded(1.5)) == "guard.refused_max: found 1.5, expected a share from 0 (not watched) to 1");
  CHECK(refusal(guarded(0, -0.1)).find("guard.truncated_max: found -0.1") == 0);
  CHECK(refusal(guarded(0, 0, 1)).find("guard.empty_max: found 1, expected less") == 0);
  v1::Job few = guarded(0.7);
  few.mutable_guard()->set_window_answers(20);
  CHECK(refusal(few) ==
        "guard.refused_max: found 0.7, which 20 answers cannot prove; expected less, or window_answers of at least 39");
  few.mutable_guard()->set_window_answers(19);
  CHECK(refusal(few).find("guard.window_answers: found 19, expected 20 to 100000") == 0);

  v1::RetuneJobRequest request;
  request.set_job_id(rig.submit(guarded(0.2), {"a"}));
  request.mutable_guard()->set_empty_max(2);
  CHECK(rig.control().retune_job(request).status().message() != "");
}

TEST_CASE("a window proves every share that a guard may state for it and no other", "[flow][guard]") {
  for (const uint32_t window : {20u, 39u, 200u, 5000u}) {
    v1::Guard guard;
    guard.set_window_answers(window);
    quality::AnswerWatch watch(guard);
    for (uint32_t i = 0; i < window; ++i) watch.add({.refused = true});
    guard.set_refused_max(config::provable_share(window) - 1e-9);
    CHECK(watch.trips(guard));
    guard.set_refused_max(config::provable_share(window) + 1e-9);
    CHECK_FALSE(watch.trips(guard));
  }
}

}  // namespace guard_test
