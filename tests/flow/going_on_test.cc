// When a job goes on, to whom, and when it does not.
#include <algorithm>
#include <catch2/catch.hpp>

#include "proto/text/time.h"
#include "service/flow/harvester.h"
#include "tests/flow/harvest_rig.h"

using namespace harvest;
using flow::test::answer;
using flow::test::asks;
using flow::test::error;
using flow::test::HarvestRig;
using flow::test::numbered;

namespace {

constexpr int64_t kHour = 3'600'000'000, kDay = 24 * kHour;

dialect::HttpExchange unreachable() {
  return {.error = dialect::WireError::kNotConnected};
}

v1::Job fallback() {
  v1::Job job = HarvestRig::job({"a", "b"});
  job.set_ask(v1::FALLBACK);
  return job;
}

v1::Teacher of_vendor(const std::string& vendor, v1::Teacher teacher) {
  teacher.set_vendor(vendor);
  return teacher;
}

std::vector<v1::Teacher> two() {
  return {HarvestRig::teacher("a", "m1"), of_vendor("another", HarvestRig::teacher("b", "m2"))};
}

bool was_asked(HarvestRig& rig, const std::string& teacher) {
  const auto all = rig.transport().requests();
  return std::any_of(all.begin(), all.end(),
                     [&](const auto& request) { return request.url.find("//" + teacher + ".") != std::string::npos; });
}

/// One query at a time, so that a job lasts as long as its teacher holds the answers back.
v1::Teacher narrow() {
  v1::Teacher teacher = HarvestRig::teacher("t");
  teacher.mutable_limits()->set_concurrency(1);
  return teacher;
}

void let_go(HarvestRig& rig) {
  rig.on_lane([&] {
    rig.transport().hold = false;
    rig.transport().release();
  });
}

}  // namespace

TEST_CASE("a fallback job does not wait for a first teacher that is halted or paused", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, two());
  const bool halted = GENERATE(true, false);
  rig.on_lane([&] { rig.harvester().set_teacher({"a", halted, "its key was revoked", !halted}); });
  const v1::JobStatus status = rig.await(rig.submit(fallback(), numbered(50)), v1::FINISHED);
  CHECK(status.record().counters().answered() == 50);
  for (const v1::Pair& pair : rig.pairs()) CHECK(pair.teacher() == "b");

  rig.on_lane([&] { rig.harvester().set_teacher({"a", false, "", false}); });
  v1::Job again = fallback();
  again.set_fresh(true);
  again.set_dataset("again");
  rig.await(rig.submit(again, numbered(5)), v1::FINISHED);
  for (const v1::Pair& pair : rig.pairs("again")) CHECK(pair.teacher() == "a");
}

TEST_CASE("a fallback job goes on where its first teacher is halted in the middle", "[flow][harvester]") {
  std::atomic<int> asked{0};
  HarvestRig rig(
      [&](const dialect::HttpRequest& request, int) {
        return asks(request, "\"m1\"") && ++asked > 10 ? error(401, "invalid_api_key") : answer("a");
      },
      two());
  const v1::JobStatus status = rig.await(rig.submit(fallback(), numbered(5000)), v1::FINISHED);
  CHECK(status.record().counters().answered() == 5000);
  CHECK(rig.pairs().size() == 5000);
}

TEST_CASE("a fallback job goes on to the next where its first teacher is dead", "[flow][harvester]") {
  HarvestRig rig(
      [](const dialect::HttpRequest& request, int) { return asks(request, "\"m1\"") ? unreachable() : answer("a"); },
      two());
  const v1::JobStatus status = rig.await(rig.submit(fallback(), numbered(50)), v1::FINISHED);
  CHECK(status.record().counters().answered() == 50);
  for (const v1::Pair& pair : rig.pairs()) CHECK(pair.teacher() == "b");
}

TEST_CASE("a fallback job whose teachers are all halted is paused and says so", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, two());
  rig.on_lane([&] {
    rig.harvester().set_teacher({"a", true, "its key was revoked", false});
    rig.harvester().set_teacher({"b", true, "its key was revoked", false});
  });
  CHECK(rig.await(rig.submit(fallback(), numbered(5)), v1::PAUSED).record().reason().find("halted") !=
        std::string::npos);
}

TEST_CASE("a teacher that its vendor has halted is not stood in for by another of that vendor", "[flow][harvester]") {
  const int status = GENERATE(401, 402, 404);
  std::atomic<int> asked{0};
  const auto script = [&](const dialect::HttpRequest& request, int) {
    return asks(request, "\"m1\"") && ++asked > 10 ? error(status, "no_more") : answer("a");
  };
  SECTION("and the job says so where nobody else is left") {
    HarvestRig rig(script, {HarvestRig::teacher("a", "m1"), HarvestRig::teacher("b", "m2")});
    const v1::JobStatus paused = rig.await(rig.submit(fallback(), numbered(50)), v1::PAUSED);
    INFO(paused.record().reason());
    if (status != 401) CHECK(paused.record().reason().find("teacher a is halted: no_more") == 0);
    if (status != 401) CHECK(paused.record().reason().find("may stand in for it") != std::string::npos);
    CHECK(paused.record().counters().answered() == 10);
    CHECK_FALSE(was_asked(rig, "b"));
  }
  SECTION("but by the next of another vendor") {
    HarvestRig rig(script, {HarvestRig::teacher("a", "m1"), HarvestRig::teacher("b", "m2"),
                            of_vendor("another", HarvestRig::teacher("c", "m3"))});
    v1::Job job = fallback();
    job.add_teachers("c");
    const v1::JobStatus done = rig.await(rig.submit(job, numbered(50)), v1::FINISHED);
    CHECK(done.record().counters().answered() == 50);
    CHECK_FALSE(was_asked(rig, "b"));
  }
}

TEST_CASE("what one account's model gave no answer to is not asked of another account's", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return error(400, "bad"); },
                 {HarvestRig::teacher("a", "gpt-4o"), HarvestRig::teacher("b", "openai/gpt-4o")});
  const v1::JobStatus done = rig.await(rig.submit(fallback(), numbered(5)), v1::FINISHED);
  CHECK(done.record().counters().rejected() == 5);
  CHECK_FALSE(was_asked(rig, "b"));
}

TEST_CASE("a halt ends when the vendor said, also over a restart, and the job goes on", "[flow][harvester]") {
  std::atomic<bool> spent{false};
  v1::Teacher claude = HarvestRig::teacher("t", "claude-sonnet-4-5");
  claude.set_dialect("anthropic-messages");
  const auto script = [&](const auto&, int) -> dialect::HttpExchange {
    if (!spent)
      return {.status = 200,
              .body = R"({"id":"x","type":"message","role":"assistant","model":"m","content":[{"type":"text",)"
                      R"("text":"a"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}})"};
    const std::string day = text::format_day(text::day_of(runtime::SystemClock().utc_us() + 2 * kDay));
    return {.status = 400,
            .body = R"({"type":"error","error":{"type":"invalid_request_error","message":"You have reached your )"
                    R"(specified API usage limits. You will regain access on )" +
                    day + R"( at 00:00 UTC."}})"};
  };
  HarvestRig rig(script, {claude});
  spent = true;
  const std::string id = rig.submit(HarvestRig::job(), numbered(3));
  const v1::JobStatus paused = rig.await(id, v1::PAUSED);
  CHECK(paused.record().reason().find("teacher t is halted until 20") == 0);
  CHECK(rig.control().teachers().at(0).halted_until_us() > rig.clock().utc_us());
  CHECK(rig.control().alerts().empty());
  rig.restart({claude});
  CHECK(rig.control().teachers().at(0).halted());
  CHECK(rig.control().teachers().at(0).halted_until_us() > rig.clock().utc_us());
  std::this_thread::sleep_for(std::chrono::milliseconds(400));  // longer than a tick
  CHECK(rig.transport().requests().empty());

  spent = false;
  rig.clock().ahead_us = 2 * kDay;
  CHECK(rig.await(id, v1::FINISHED).record().counters().answered() == 3);
  CHECK_FALSE(rig.control().teachers().at(0).halted());
}

TEST_CASE("a dead teacher uses up no query's attempts", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int asked) { return asked < 2 ? unreachable() : answer("a"); });
  const std::string id = rig.submit(HarvestRig::job(), {"one"});
  const v1::JobStatus status = rig.await(id, v1::FINISHED);
  CHECK(status.record().counters().answered() == 1);
  const std::vector<v1::Pair> pairs = rig.pairs();
  REQUIRE(pairs.size() == 1);
  CHECK(rig.store().answer(pairs[0].answer())->attempt() == 1);
}

TEST_CASE("retry leaves a paused job paused, also after a restart", "[flow][harvester]") {
  HarvestRig rig([](const dialect::HttpRequest& request,
                    int) { return asks(request, "question 0") ? error(400, "bad") : answer("a"); },
                 {narrow()});
  const std::string id = rig.submit(HarvestRig::job(), numbered(1000));
  rig.await_on_lane([&] { return rig.control().job(id)->record().counters().rejected() == 1; });
  REQUIRE(rig.control().pause_job(id, "").ok());
  const uint64_t answered = rig.await(id, v1::PAUSED).record().counters().answered();
  REQUIRE(answered < 999);
  rig.restart({narrow()});
  REQUIRE(rig.control().retry_job(id).ok());
  rig.on_lane([] {});
  std::this_thread::sleep_for(std::chrono::milliseconds(400));  // longer than a tick
  CHECK(rig.transport().requests().empty());
  REQUIRE(rig.control().resume_job(id).ok());
  CHECK(rig.await(id, v1::FINISHED).record().counters().rejected() == 1);
}

TEST_CASE("a job does not go on once its teacher's rights no longer cover its use", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {narrow()});
  rig.on_lane([&] { rig.transport().hold = true; });
  SECTION("because the record has shrunk by a restart") {
    const std::string id = rig.submit(HarvestRig::job(), numbered(1000));
    rig.await_on_lane([&] { return rig.transport().in_flight == 1; });
    v1::Teacher shrunk = narrow();
    shrunk.mutable_rights()->clear_permits();
    shrunk.mutable_rights()->add_permits(v1::EVALUATION);
    rig.restart({shrunk});
    const v1::JobStatus paused = rig.await(id, v1::PAUSED);
    CHECK(paused.record().reason().find("training") != std::string::npos);
    CHECK(rig.transport().requests().empty());
    REQUIRE(rig.control().resume_job(id).ok());
    rig.on_lane([] {});
    rig.await(id, v1::PAUSED);
    CHECK(rig.transport().requests().empty());
  }
  SECTION("because they expire while it runs") {
    v1::Teacher expiring = narrow();
    expiring.mutable_rights()->set_expires_on(text::format_day(text::day_of(rig.clock().utc_us())));
    rig.restart({expiring});
    rig.on_lane([&] { rig.transport().hold = true; });
    const std::string id = rig.submit(HarvestRig::job(), numbered(10));
    rig.await_on_lane([&] { return rig.transport().in_flight == 1; });
    rig.clock().ahead_us = kDay;
    rig.await_on_lane([&] { return rig.control().job(id)->record().state() == v1::PAUSED; });
    let_go(rig);
    const v1::JobStatus paused = rig.await(id, v1::PAUSED);
    CHECK(paused.record().reason().find("9 queries are not asked") != std::string::npos);
    CHECK(paused.record().counters().answered() == 1);  // what was in flight is kept
  }
}

TEST_CASE("a job stops asking at its deadline and keeps what is in flight", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {narrow()});
  rig.on_lane([&] { rig.transport().hold = true; });
  v1::Job job = HarvestRig::job();
  job.set_deadline(text::format_utc(rig.clock().utc_us() + kHour));
  const std::string id = rig.submit(job, numbered(10));
  rig.await_on_lane([&] { return rig.transport().in_flight == 1; });
  rig.clock().ahead_us = kHour;
  rig.await_on_lane([&] { return rig.control().job(id)->record().state() == v1::PAUSED; });
  let_go(rig);
  const v1::JobStatus paused = rig.await(id, v1::PAUSED);
  CHECK(paused.record().reason() == "deadline " + job.deadline() + " passed; 9 queries are not asked");
  rig.await_answered(id, 1);
}

TEST_CASE("a deadline in the past is refused at submit", "[flow][intake]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); });
  v1::Job job = HarvestRig::job();
  job.set_deadline("2020-01-01T00:00:00Z");
  const absl::Status status = rig.try_submit(job, numbered(1)).status();
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(status.message().find("has passed") != std::string::npos);
}

TEST_CASE("an answer is reused under the same or a smaller cap only", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); });
  v1::Job job = HarvestRig::job();
  auto reused = [&](uint32_t cap) {
    job.mutable_sampling()->set_max_output_tokens(cap);
    return rig.await(rig.submit(job, numbered(3)), v1::FINISHED).record().counters().reused();
  };
  CHECK(reused(100) == 0);
  CHECK(reused(100) == 3);
  CHECK(reused(50) == 3);
  CHECK(reused(200) == 0);
  CHECK(reused(150) == 3);
}

TEST_CASE("jobs share a teacher by the tokens that their answers took", "[flow][harvester]") {
  HarvestRig rig([](const dialect::HttpRequest& request,
                    int) { return asks(request, "essay") ? answer("a", 10, 100) : answer("a", 10, 1); },
                 {narrow()});
  rig.on_lane([&] { rig.transport().hold = true; });
  std::vector<std::string> essays, words;
  for (int i = 0; i < 200; ++i) {
    essays.push_back("essay " + std::to_string(i));
    words.push_back("words " + std::to_string(i));
  }
  const std::string long_answers = rig.submit(HarvestRig::job(), essays);
  rig.await_on_lane([&] { return rig.transport().in_flight == 1; });
  const std::string short_answers = rig.submit(HarvestRig::job(), words);
  std::this_thread::sleep_for(std::chrono::milliseconds(400));  // its window is read
  let_go(rig);
  rig.await(long_answers, v1::FINISHED);
  rig.await(short_answers, v1::FINISHED);
  int essays_asked = 0;
  const auto all = rig.transport().requests();
  REQUIRE(all.size() == 400);
  for (size_t i = 0; i < 200; ++i) essays_asked += asks({.body = all[i].body}, "essay") ? 1 : 0;
  CHECK(essays_asked < 80);  // by what was expected of them they would be half
}
