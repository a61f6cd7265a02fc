#include <catch2/catch.hpp>
#include <set>

#include "tests/flow/harvest_rig.h"

using namespace harvest;
using flow::test::error;
using flow::test::HarvestRig;
using flow::test::priced;

namespace {

/// An answer of so many choices, each with a text of its own; 10 tokens in, 20 out for each.
dialect::HttpExchange choices(int count, int refused = -1) {
  std::string body = R"({"id":"x","model":"m","choices":[)";
  for (int i = 0; i < count; ++i)
    body += std::string(i == 0 ? "" : ",") + R"({"index":)" + std::to_string(i) + R"(,"finish_reason":")" +
            (i == refused ? "content_filter" : "stop") + R"(","message":{"role":"assistant","content":"text )" +
            std::to_string(i) + R"("}})";
  return {.status = 200,
          .body = body + R"(],"usage":{"prompt_tokens":10,"completion_tokens":)" + std::to_string(20 * count) + "}}"};
}

/// Speaks `n`, and costs a dollar for a million tokens.
v1::Teacher with_n(const std::string& name = "t") {
  v1::Teacher teacher = priced(HarvestRig::teacher(name));
  teacher.set_profile("openai");
  return teacher;
}

v1::Job three() {
  v1::Job job = HarvestRig::job();
  job.set_samples(3);
  return job;
}

const std::vector<std::string> kSampled = {"first question", "second question", "third question", "fourth question"};
constexpr int64_t kTokenPicodollars = 1'000'000;

bool asks_for(const dialect::HttpRequest& request, int n) {
  return request.body.find("\"n\":" + std::to_string(n)) != std::string::npos;
}

}  // namespace

TEST_CASE("samples are asked for at once and become a pair each for one cost", "[flow][groups]") {
  HarvestRig rig([](const auto& request, int) { return asks_for(request, 3) ? choices(3, 1) : error(400); },
                 {with_n()});
  const auto counters = rig.await(rig.submit(three(), kSampled), v1::FINISHED).record().counters();
  CHECK(rig.transport().requests().size() == 4);
  CHECK(counters.attempts() == 4);
  CHECK(counters.answered() == 8);
  CHECK(counters.refused() == 4);
  CHECK(counters.spent_picodollars() == 4 * 70 * kTokenPicodollars);
  std::set<std::pair<uint64_t, uint32_t>> samples;
  std::set<std::string> ids;
  for (const v1::Pair& pair : rig.pairs()) {
    samples.emplace(pair.prompt(), pair.sample());
    ids.insert(pair.record_id());
    CHECK(pair.choice() == pair.sample());
    CHECK(pair.refused() == (pair.choice() == 1));
    const auto answer = rig.store().answer(pair.answer());
    REQUIRE(answer.ok());
    CHECK(answer->samples() == 3);
    CHECK(answer->max_output_tokens() == 100);  // of each
    CHECK(answer->cost_picodollars() == 70 * kTokenPicodollars);
  }
  CHECK(samples.size() == 12);
  CHECK(ids.size() == 12);

  SECTION("and what is known is not asked again") {
    v1::Job again = three();
    again.set_dataset("second");
    const v1::JobStatus known = rig.await(rig.submit(again, kSampled), v1::FINISHED);
    CHECK(known.record().counters().reused() == 12);
    CHECK(known.record().counters().saved_picodollars() == 4 * 70 * kTokenPicodollars);
    CHECK(known.saved_usd() == "0.00028");
    CHECK(rig.transport().requests().size() == 4);
    for (const v1::Pair& pair : rig.pairs("second")) CHECK(pair.choice() == pair.sample());
  }
  SECTION("and only those that are not known are asked for") {
    v1::Job more = three();
    more.set_samples(6);
    more.set_dataset("second");
    const auto grown = rig.await(rig.submit(more, kSampled), v1::FINISHED).record().counters();
    CHECK(grown.reused() == 12);
    CHECK(grown.attempts() == 4);
    CHECK(rig.pairs("second").size() == 24);
  }
}

TEST_CASE("samples that an answer lacks are asked for anew and more than asked are left", "[flow][groups]") {
  const int given = GENERATE(1, 2, 5);
  HarvestRig rig(
      [given](const auto& request, int) {
        return choices(asks_for(request, 3) ? given : given > 3 ? given : asks_for(request, 2) ? 2 : 1);
      },
      {with_n()});
  const auto counters = rig.await(rig.submit(three(), kSampled), v1::FINISHED).record().counters();
  CHECK(counters.answered() == 12);
  CHECK(counters.attempts() == (given < 3 ? 8 : 4));
  CHECK(rig.pairs().size() == 12);
  std::set<std::pair<uint64_t, uint32_t>> samples;
  for (const v1::Pair& pair : rig.pairs()) samples.emplace(pair.prompt(), pair.sample());
  CHECK(samples.size() == 12);
  CHECK(counters.spent_picodollars() == (given < 3 ? 4 * 80 : 4 * 110) * kTokenPicodollars);
}

TEST_CASE("with a seed each sample is a call of its own", "[flow][groups]") {
  HarvestRig rig([](const auto& request, int) { return asks_for(request, 3) ? error(400) : choices(1); }, {with_n()});
  v1::Job job = three();
  job.mutable_sampling()->set_seed(5);
  CHECK(rig.await(rig.submit(job, kSampled), v1::FINISHED).record().counters().attempts() == 12);
  CHECK(rig.pairs().size() == 12);
}

TEST_CASE("a group that found no answer is asked again as one or ends as each of its queries", "[flow][groups]") {
  HarvestRig rig(
      [](const auto& request, int asked) {
        if (request.body.find("first") != std::string::npos) return error(400, "bad");
        return asked == 0 ? error(503) : choices(3);
      },
      {with_n()});
  const std::string id = rig.submit(three(), kSampled);
  const auto counters = rig.await(id, v1::FINISHED).record().counters();
  CHECK(counters.rejected() == 3);
  CHECK(counters.answered() == 9);
  CHECK(counters.attempts() == 7);
  const auto endings = rig.endings(id);
  REQUIRE(endings.size() == 3);
  for (uint32_t i = 0; i < 3; ++i) CHECK(endings[i].sample() == i);
}

TEST_CASE("a group goes on to the next teacher of a fallback", "[flow][groups]") {
  const bool modest = GENERATE(false, true);
  v1::Teacher second = HarvestRig::teacher("u");
  if (!modest) second.set_profile("openai");
  HarvestRig rig(
      [](const auto& request, int) {
        if (request.body.find("\"broken\"") != std::string::npos) return error(400, "bad");
        return choices(asks_for(request, 3) ? 3 : 1);
      },
      {[] {
         v1::Teacher first = with_n();
         first.set_model("broken");
         return first;
       }(),
       second});
  v1::Job job = three();
  job.add_teachers("u");
  job.set_ask(v1::FALLBACK);
  const auto counters = rig.await(rig.submit(job, {kSampled[0]}), v1::FINISHED).record().counters();
  CHECK(counters.answered() == 3);
  CHECK(counters.attempts() == (modest ? 4 : 2));
}

TEST_CASE("identical groups in flight share one attempt", "[flow][groups]") {
  HarvestRig rig([](const auto&, int) { return choices(3); }, {with_n()});
  const auto counters =
      rig.await(rig.submit(three(), std::vector<std::string>(5, "the same")), v1::FINISHED).record().counters();
  CHECK(counters.attempts() == 1);
  CHECK(counters.reused() == 12);
  CHECK(rig.pairs().size() == 15);
}

TEST_CASE("what is in flight and what waits is counted in queries", "[flow][groups]") {
  HarvestRig rig([](const auto&, int) { return choices(3); }, {with_n()});
  rig.on_lane([&] { rig.transport().hold = true; });
  const std::string id = rig.submit(three(), {kSampled[0]});
  rig.await_on_lane([&] { return rig.transport().in_flight == 1; });
  rig.await_on_lane([&] { return rig.control().job(id)->in_flight() == 3; });
  CHECK(rig.control().job(id)->waiting() == 0);
  rig.on_lane([&] {
    rig.transport().hold = false;
    rig.transport().release();
  });
  CHECK(rig.await(id, v1::FINISHED).record().counters().answered() == 3);
}

TEST_CASE("more samples than memory holds at once are grouped whole", "[flow][groups]") {
  HarvestRig rig([](const auto& request, int) { return choices(asks_for(request, 3) ? 3 : 1); }, {with_n()});
  std::vector<std::string> many;
  for (int i = 0; i < 1500; ++i) many.push_back("question " + std::to_string(i));
  const auto counters = rig.await(rig.submit(three(), many), v1::FINISHED).record().counters();
  CHECK(counters.answered() == 4500);
  CHECK(counters.attempts() == 1500);
}

TEST_CASE("a group that a crash found open is asked again as one and stays booked at risk", "[flow][groups]") {
  HarvestRig rig([](const auto& request, int) { return choices(asks_for(request, 3) ? 3 : 1); }, {with_n()});
  rig.on_lane([&] { rig.harvester().set_halted(true); });
  const std::string id = rig.submit(three(), kSampled);
  v1::Intent open;
  open.set_id("0123456789abcdef");
  open.set_job_number(rig.store().find_job(id)->number());
  open.set_teacher("t");
  open.set_attempt(1);
  open.set_choices(3);
  open.set_cost_max_picodollars(1234);
  REQUIRE(rig.store().apply_and_wait(store::Reserve{{open.job_number(), 0, 0, std::nullopt, 3}, open}).ok());

  rig.restart_after_crash({with_n()});
  REQUIRE(rig.control().status().crash_intents_size() == 1);
  CHECK(rig.control().status().crash_intents(0).samples() == 3);
  const auto counters = rig.await(id, v1::FINISHED).record().counters();
  CHECK(rig.transport().requests().size() == 4);
  CHECK(counters.attempts() == 5);
  CHECK(counters.answered() == 12);
  CHECK(counters.at_risk_picodollars() == 1234);
  CHECK(counters.spent_picodollars() == 4 * 70 * kTokenPicodollars);
}
