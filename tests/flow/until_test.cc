// Samples that are asked until one is accepted. What decides of them (service/publish) is played by the test: it tells
// the store and the harvester, as the decider does.
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <set>

#include "tests/flow/harvest_rig.h"

using namespace harvest;
using flow::test::answer;
using flow::test::asks;
using flow::test::error;
using flow::test::HarvestRig;
using flow::test::numbered;

namespace {

v1::Job until_job(uint32_t samples, std::vector<std::string> teachers = {"t"}) {
  v1::Job job = HarvestRig::job(std::move(teachers));
  job.set_samples(samples);
  job.set_until("labels has 'tests=pass'");
  return job;
}

std::vector<v1::Postponed> undecided(HarvestRig& rig, uint64_t job, uint32_t stream = 0) {
  return rig.store().postponed(job, stream, store::kUndecided, 10'000,
                               std::make_pair(store::kUndecided - 1, UINT64_MAX));
}

/// Decides all that waits now; how many that were.
size_t decide(HarvestRig& rig, const std::string& id, const std::function<bool(const v1::Postponed&)>& accepted) {
  const v1::JobRecord record = *rig.store().find_job(id);
  size_t decided = 0;
  for (uint32_t stream = 0; stream < static_cast<uint32_t>(record.streams_size()); ++stream)
    for (const v1::Postponed& row : undecided(rig, record.number(), stream)) {
      const bool ask = !accepted(row);
      const auto applied = rig.store().apply_and_wait(store::DecideSample{.job = record.number(),
                                                                          .stream = stream,
                                                                          .ordinal = row.ordinal(),
                                                                          .sample = row.turn(),
                                                                          .ask = ask,
                                                                          .at_us = rig.clock().utc_us()});
      REQUIRE(applied.ok());
      REQUIRE(applied->count == 1);
      rig.on_lane([&] { rig.harvester().sample_decided(record.number(), stream, ask); });
      ++decided;
    }
  return decided;
}

void await_undecided(HarvestRig& rig, const std::string& id, size_t count) {
  const uint64_t job = rig.store().find_job(id)->number();
  rig.await_on_lane([&] { return undecided(rig, job).size() == count && rig.control().job(id)->in_flight() == 0; });
}

}  // namespace

TEST_CASE("further samples are asked until one is accepted, and no more", "[flow][until]") {
  HarvestRig rig([](const auto&, int) { return answer("x"); });
  const std::string id = rig.submit(until_job(4), numbered(6));
  CHECK(rig.control().job(id)->record().counters().queries() == 24);
  // Prompt i is accepted at its i-th sample; those past the last at none.
  for (uint32_t sample = 1; sample < 4; ++sample) {
    await_undecided(rig, id, 6 - (sample - 1));
    CHECK(rig.transport().requests().size() == 6 + (sample - 1) * 6 - (sample - 1) * sample / 2);
    decide(rig, id, [&](const v1::Postponed& row) { return row.ordinal() + 1 == row.turn(); });
  }
  const auto counters = rig.await(id, v1::FINISHED).record().counters();
  CHECK(counters.answered() == 1 + 2 + 3 + 4 + 4 + 4);
  CHECK(counters.attempts() == counters.answered());
  CHECK(counters.unasked() == 24 - counters.answered());
  std::set<std::pair<uint64_t, uint32_t>> samples;
  for (const v1::Pair& pair : rig.pairs()) {
    samples.emplace(pair.prompt(), pair.sample());
    CHECK(pair.turn() == 0);
    CHECK(pair.parent_record_ids().empty());
  }
  CHECK(samples.size() == counters.answered());
  CHECK(samples.contains({2, 2}));
  CHECK_FALSE(samples.contains({2, 3}));
  for (const auto& request : rig.transport().requests()) CHECK(request.body.find("\"assistant\"") == std::string::npos);
}

TEST_CASE("a refusal ends its prompt: nobody is asked until there is none", "[flow][until]") {
  HarvestRig rig([](const auto& request, int) {
    dialect::HttpExchange exchange = answer("one");
    if (asks(request, "question 0")) exchange.body.replace(exchange.body.find("stop"), 4, "content_filter");
    return exchange;
  });
  const std::string id = rig.submit(until_job(3), numbered(2));
  await_undecided(rig, id, 1);
  CHECK(rig.control().job(id)->record().counters().unasked() == 2);
  decide(rig, id, [](const v1::Postponed&) { return true; });
  const auto counters = rig.await(id, v1::FINISHED).record().counters();
  CHECK(counters.refused() == 1);
  CHECK(counters.unasked() == 4);
  CHECK(rig.transport().requests().size() == 2);
}

TEST_CASE("a job whose samples wait for verdicts asks nothing and says what it waits for", "[flow][until][why]") {
  HarvestRig rig([](const auto&, int) { return answer("one"); });
  const std::string id = rig.submit(until_job(3), numbered(4));
  await_undecided(rig, id, 4);
  rig.await_on_lane([&] { return rig.control().job(id)->binding() == "labels"; });
  const uint64_t number = rig.store().find_job(id)->number();
  rig.await_on_lane([&] {
    const v1::WaitBook waits = rig.harvester().waits(number);
    return std::any_of(waits.waits().begin(), waits.waits().end(),
                       [](const auto& one) { return one.cause() == "labels"; });
  });
  CHECK(rig.transport().requests().size() == 4);
  const auto told = rig.control().explain(id);
  REQUIRE(told.ok());
  const auto& causes = told->causes();
  const auto labels =
      std::find_if(causes.begin(), causes.end(), [](const auto& one) { return one.cause() == "labels"; });
  REQUIRE(labels != causes.end());
  CHECK(labels->detail() == "verdicts of tests are to be brought in");
  REQUIRE(told->advice_size() > 0);
  CHECK(told->advice(0).find("harvestctl labels import FILE --dataset d") != std::string::npos);
  decide(rig, id, [](const v1::Postponed&) { return true; });
  CHECK(rig.await(id, v1::FINISHED).record().counters().unasked() == 8);
}

TEST_CASE("a sample that ends without an answer ends its prompt, and a retry takes it up there", "[flow][until]") {
  std::atomic<bool> well = false;
  HarvestRig rig([&well](const auto& request, int) {
    return !well && asks(request, "question 1") ? error(400, "invalid_request_error") : answer("fine");
  });
  const std::string id = rig.submit(until_job(3), numbered(3));
  await_undecided(rig, id, 2);
  decide(rig, id, [](const v1::Postponed&) { return true; });
  const auto counters = rig.await(id, v1::FINISHED).record().counters();
  CHECK(counters.rejected() == 1);
  CHECK(counters.unasked() == 6);
  well = true;
  REQUIRE(rig.control().retry_job(id).ok());
  await_undecided(rig, id, 1);
  decide(rig, id, [](const v1::Postponed&) { return false; });
  await_undecided(rig, id, 1);
  decide(rig, id, [](const v1::Postponed&) { return true; });
  const auto after = rig.await(id, v1::FINISHED).record().counters();
  CHECK(after.answered() == 4);
  CHECK(after.unasked() == 5);
}

TEST_CASE("samples that are known are reused and judged like any other", "[flow][until]") {
  HarvestRig rig([](const auto&, int) { return answer("known"); });
  v1::Job plain = HarvestRig::job();
  plain.set_samples(2);
  rig.await(rig.submit(plain, numbered(3)), v1::FINISHED);
  rig.transport().forget_requests();
  v1::Job job = until_job(3);
  job.set_dataset("second");
  const std::string id = rig.submit(job, numbered(3));
  for (int sample = 1; sample < 3; ++sample) {
    await_undecided(rig, id, 3);
    decide(rig, id, [](const v1::Postponed&) { return false; });
  }
  const auto counters = rig.await(id, v1::FINISHED).record().counters();
  CHECK(counters.reused() == 6);
  CHECK(counters.answered() == 9);
  CHECK(rig.transport().requests().size() == 3);
}

TEST_CASE("each teacher of a job is asked until it is accepted", "[flow][until]") {
  HarvestRig rig([](const auto&, int) { return answer("x"); },
                 {HarvestRig::teacher("t", "m"), HarvestRig::teacher("u", "n")});
  const std::string id = rig.submit(until_job(3, {"t", "u"}), numbered(5));
  CHECK(rig.control().job(id)->record().counters().queries() == 30);
  const uint64_t number = rig.store().find_job(id)->number();
  const auto all_wait = [&] {
    rig.await_on_lane([&] { return undecided(rig, number, 0).size() == 5 && undecided(rig, number, 1).size() == 5; });
  };
  all_wait();
  decide(rig, id, [](const v1::Postponed&) { return false; });
  all_wait();
  decide(rig, id, [](const v1::Postponed&) { return true; });
  const auto counters = rig.await(id, v1::FINISHED).record().counters();
  CHECK(counters.answered() == 20);
  CHECK(counters.unasked() == 10);
}

TEST_CASE("a crash loses and doubles no sample, and a decision of a job at rest holds when it goes on",
          "[flow][until]") {
  HarvestRig rig([](const auto&, int) { return answer("x"); });
  rig.on_lane([&] { rig.transport().hold = true; });
  const std::string id = rig.submit(until_job(3), numbered(6));
  rig.await_on_lane([&] { return rig.transport().in_flight == 6; });
  rig.on_lane([&] { rig.transport().release(); });
  await_undecided(rig, id, 6);
  REQUIRE(decide(rig, id, [](const v1::Postponed& row) { return row.ordinal() % 2 == 0; }) == 3 + 3);
  rig.await_on_lane([&] { return rig.transport().in_flight == 3; });  // second samples are out
  rig.restart_after_crash({HarvestRig::teacher("t", "m")});
  await_undecided(rig, id, 3);
  REQUIRE(rig.control().pause_job(id, "").ok());
  decide(rig, id, [](const v1::Postponed& row) { return row.ordinal() == 1; });
  CHECK(rig.control().job(id)->record().counters().answered() == 9);
  REQUIRE(rig.control().resume_job(id).ok());
  const auto counters = rig.await(id, v1::FINISHED).record().counters();
  CHECK(counters.answered() == 11);
  CHECK(counters.unasked() == 18 - 11);
}

TEST_CASE("a job that is paused as the service starts is decided, and ends or goes on from there", "[flow][until]") {
  HarvestRig rig([](const auto&, int) { return answer("x"); });
  const std::string id = rig.submit(until_job(3), numbered(4));
  await_undecided(rig, id, 4);
  REQUIRE(rig.control().pause_job(id, "").ok());
  rig.restart({HarvestRig::teacher("t", "m")});
  SECTION("some are accepted") {
    decide(rig, id, [](const v1::Postponed& row) { return row.ordinal() < 3; });
    CHECK(rig.control().job(id)->waiting() == 2);
    CHECK(rig.transport().requests().empty());
    REQUIRE(rig.control().resume_job(id).ok());
    await_undecided(rig, id, 1);
    CHECK(rig.transport().requests().size() == 1);
    decide(rig, id, [](const v1::Postponed&) { return true; });
    CHECK(rig.await(id, v1::FINISHED).record().counters().answered() == 5);
  }
  SECTION("all are") {
    decide(rig, id, [](const v1::Postponed&) { return true; });
    CHECK(rig.await(id, v1::FINISHED).record().counters().unasked() == 8);
  }
}

TEST_CASE("samples may be spread over teachers, and fall back", "[flow][until]") {
  HarvestRig rig(
      [](const auto& request, int) {
        return asks(request, "question 1") && asks(request, "\"m\"") ? error(400, "invalid_request_error")
                                                                     : answer("x");
      },
      {HarvestRig::teacher("t", "m"), HarvestRig::teacher("u", "n")});
  v1::Job job = until_job(2, {"t", "u"});
  const v1::Ask ask = GENERATE(v1::SPREAD, v1::FALLBACK);
  job.set_ask(ask);
  const std::string id = rig.submit(job, numbered(1, "what of"));
  await_undecided(rig, id, 1);
  decide(rig, id, [](const v1::Postponed&) { return false; });
  CHECK(rig.await(id, v1::FINISHED).record().counters().answered() == 2);
  if (ask == v1::FALLBACK) {
    job.set_dataset("second");
    const std::string other = rig.submit(job, {"question 1"});
    await_undecided(rig, other, 1);
    decide(rig, other, [](const v1::Postponed&) { return true; });
    const auto counters = rig.await(other, v1::FINISHED).record().counters();
    CHECK(counters.answered() == 1);
    CHECK(counters.unasked() == 1);
    REQUIRE(rig.pairs("second").size() == 1);
    CHECK(rig.pairs("second")[0].teacher() == "u");
  }
}

TEST_CASE("what a job may not ask until is refused with what was expected", "[flow][until]") {
  HarvestRig rig([](const auto&, int) { return answer("x"); });
  const auto refused = [&](const v1::Job& job, const std::string& words, std::vector<v1::Prompt> lines = {}) {
    absl::Status status =
        lines.empty() ? rig.try_submit(job, numbered(1)).status() : rig.try_submit_lines(job, lines).status();
    INFO(status);
    return absl::IsInvalidArgument(status) && std::string(status.message()).find(words) != std::string::npos;
  };
  v1::Job job = until_job(1);
  CHECK(refused(job, "samples: found 1 beside until, expected at least 2"));
  job = until_job(3);
  job.set_until("label has 'x'");
  CHECK(refused(job, "until: "));
  job = until_job(3);
  job.set_route(v1::AUTO);
  CHECK(refused(job, "route: found auto beside until, expected online"));
  v1::Prompt talk;
  for (v1::Message* message : {talk.add_messages(), talk.add_later_turns()}) {
    message->set_role("user");
    message->set_content("say");
  }
  CHECK(refused(until_job(3), "turns: found 2 beside until", {talk}));
}
