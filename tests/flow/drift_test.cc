// A teacher that changes silently labels what follows, and alerts; canaries are asked, booked and compared.
#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <thread>

#include "proto/text/time.h"
#include "tests/flow/harvest_rig.h"

using namespace harvest;
using flow::test::answer;
using flow::test::error;
using flow::test::HarvestRig;

namespace drift_test {

namespace {

constexpr int64_t kMinute = 60'000'000, kHour = 60 * kMinute;
constexpr char kCanary[] = "What is two and two?";

/// Answers as whoever it is told to be.
struct Impostor {
  void be(const std::string& model, const std::string& fingerprint) {
    const std::lock_guard lock(mutex);
    who = {model, fingerprint};
  }
  dialect::HttpExchange operator()(const dialect::HttpRequest& request, int) {
    const bool canary = request.body.find(kCanary) != std::string::npos;
    canaries += canary;
    dialect::HttpExchange exchange = answer(canary ? "It is " + std::to_string(says) : "answer");
    const std::lock_guard lock(mutex);
    const std::string told = "\"model\":\"" + who.first + "\",\"system_fingerprint\":\"" + who.second + "\"";
    exchange.body.replace(exchange.body.find(R"("model":"m")"), 11, told);
    return exchange;
  }
  std::mutex mutex;
  std::pair<std::string, std::string> who{"m-1", "fp1"};
  std::atomic<int> says{4}, canaries{0};
};

flow::test::FakeTransport::Script script_of(Impostor& teacher) {
  return [&teacher](const auto& request, int asked) { return teacher(request, asked); };
}

v1::Teacher watched() {
  v1::Teacher teacher = HarvestRig::teacher("t");
  teacher.mutable_prices()->set_free(false);
  teacher.mutable_prices()->set_input_usd_per_mtok("1");
  teacher.mutable_prices()->set_output_usd_per_mtok("1");
  teacher.mutable_drift()->add_canaries(kCanary);
  return teacher;
}

std::string ask(HarvestRig& rig, const std::string& prompt) {
  return rig.submit(HarvestRig::job(), {prompt});
}

std::vector<uint32_t> epochs_of_answers(HarvestRig& rig) {
  std::vector<uint32_t> epochs;
  for (const v1::Pair& pair : rig.pairs()) epochs.push_back(rig.store().answer(pair.answer())->teacher_epoch());
  return epochs;
}

v1::TeacherStatus stands(HarvestRig& rig) {
  return rig.control().teachers().at(0);
}

void hold(HarvestRig& rig, bool held) {
  rig.on_lane([&] {
    rig.transport().hold = held;
    if (!held) rig.transport().release();
  });
}

}  // namespace

TEST_CASE("answers bear the epoch of their teacher and a silent change begins another", "[flow][drift]") {
  Impostor teacher;
  HarvestRig rig(script_of(teacher));
  rig.await(ask(rig, "a"), v1::FINISHED);
  rig.await(ask(rig, "b"), v1::FINISHED);
  teacher.be("m-2", "fp2");
  rig.await(ask(rig, "c"), v1::FINISHED);
  teacher.be("m-1", "fp1");  // of an endpoint that was not changed yet
  rig.await(ask(rig, "d"), v1::FINISHED);
  CHECK(epochs_of_answers(rig) == std::vector<uint32_t>{1, 1, 2, 2});
  rig.await_on_lane([&] { return stands(rig).epochs_size() == 2; });
  const v1::TeacherStatus status = stands(rig);
  CHECK(status.epochs(0).cause() == "first");
  CHECK(status.epochs(1).cause() == "model_reported");
  CHECK(status.epochs(1).detail() == "m-1 fp1 before, m-2 fp2 now");

  SECTION("and a restart neither forgets nor begins one") {
    GENERATE(true, false) ? rig.restart({HarvestRig::teacher("t")})
                          : rig.restart_after_crash({HarvestRig::teacher("t")});
    rig.await_on_lane([&] { return stands(rig).epochs_size() == 2; });
    rig.await(ask(rig, "e"), v1::FINISHED);
    teacher.be("m-3", "fp3");
    rig.await(ask(rig, "f"), v1::FINISHED);
    CHECK(epochs_of_answers(rig) == std::vector<uint32_t>{1, 1, 2, 2, 2, 3});
  }
}

TEST_CASE("a teacher that is configured otherwise begins an epoch and is no change", "[flow][drift]") {
  Impostor teacher;
  HarvestRig rig(script_of(teacher));
  rig.await(ask(rig, "a"), v1::FINISHED);
  teacher.be("m-2", "fp2");
  rig.restart({HarvestRig::teacher("t", "another")});
  rig.await(ask(rig, "b"), v1::FINISHED);
  CHECK(epochs_of_answers(rig) == std::vector<uint32_t>{1, 2});
  rig.await_on_lane([&] { return stands(rig).epochs_size() == 2; });
  CHECK(stands(rig).epochs(1).cause() == "first");
}

TEST_CASE("a teacher that answers nothing begins no epoch", "[flow][drift]") {
  HarvestRig rig([](const auto&, int) { return error(400, "bad"); });
  rig.await(ask(rig, "a"), v1::FINISHED);
  CHECK(rig.store().drift("t").epochs().empty());
}

TEST_CASE("canaries are asked while a job asks their teacher and booked without a pair", "[flow][drift]") {
  Impostor teacher;
  HarvestRig rig(script_of(teacher), {watched()});
  CHECK(teacher.canaries == 0);
  hold(rig, true);
  const std::string job = ask(rig, "a");
  rig.await_on_lane([&] { return teacher.canaries == 1; });
  const std::string body = [&] {
    for (const auto& request : rig.transport().requests())
      if (request.body.find(kCanary) != std::string::npos) return request.body;
    return std::string();
  }();
  CHECK(body.find(R"("temperature":0)") != std::string::npos);
  CHECK(body.find(":64") != std::string::npos);
  // What it may cost is booked before its answer is here.
  const auto day = static_cast<uint32_t>(text::day_of(rig.clock().utc_us()));
  CHECK(rig.store().teacher_day("t", day).at_risk_picodollars > 0);
  hold(rig, false);
  rig.await(job, v1::FINISHED);
  rig.await_on_lane([&] { return rig.store().drift("t").asked_at_us() > 0; });
  CHECK(rig.pairs().size() == 1);
  const store::TeacherDay booked = rig.store().teacher_day("t", day);
  CHECK(booked.requests == 2);
  CHECK(booked.at_risk_picodollars == 0);
  CHECK(booked.spent_picodollars == 2 * rig.control().job(job)->record().counters().spent_picodollars());

  SECTION("and not again before it is time") {
    rig.await(ask(rig, "b"), v1::FINISHED);
    CHECK(teacher.canaries == 1);
    rig.clock().ahead_us += 61 * kMinute;
    hold(rig, true);
    const std::string later = ask(rig, "c");
    rig.await_on_lane([&] { return teacher.canaries == 2; });
    hold(rig, false);
    rig.await(later, v1::FINISHED);
  }
  SECTION("nor while nobody asks") {
    rig.clock().ahead_us += 61 * kMinute;
    std::this_thread::sleep_for(std::chrono::milliseconds(600));  // two ticks
    CHECK(teacher.canaries == 1);
  }
}

TEST_CASE("canaries that are answered otherwise in two rounds begin an epoch of their own", "[flow][drift]") {
  Impostor teacher;
  HarvestRig rig(script_of(teacher), {watched()});
  int rounds = 0;
  const auto round = [&] {
    rig.clock().ahead_us += 61 * kMinute;
    // The job's own answer is held until the round is over: canaries are asked while it waits.
    const int64_t before = rig.store().drift("t").asked_at_us();
    rig.on_lane([&] { rig.transport().hold = true; });
    const std::string job = ask(rig, "question " + std::to_string(rounds++));
    rig.await_on_lane([&] { return teacher.canaries == rounds; });
    hold(rig, false);
    rig.await(job, v1::FINISHED);
    rig.await_on_lane([&] { return rig.store().drift("t").asked_at_us() > before; });
  };
  for (int i = 0; i < 4; ++i) round();
  rig.await_on_lane([&] { return stands(rig).canaries_told() == 1 && stands(rig).canaries_agreed() == 1; });
  teacher.says = 5;
  round();
  rig.await_on_lane([&] { return stands(rig).canaries_agreed() == 0; });
  CHECK(stands(rig).epochs_size() == 1);
  rig.restart({watched()});
  round();
  rig.await_on_lane([&] { return stands(rig).epochs_size() == 2; });
  CHECK(stands(rig).epochs(1).cause() == "canaries");
  CHECK(stands(rig).epochs(1).detail().find("1 of 1 canaries") == 0);
  rig.await(ask(rig, "after"), v1::FINISHED);
  CHECK(epochs_of_answers(rig).back() == 2);
}

TEST_CASE("canaries find room at a teacher whose limits a job uses up", "[flow][drift]") {
  Impostor teacher;
  v1::Teacher narrow = watched();
  narrow.mutable_limits()->set_concurrency(1);
  HarvestRig rig(script_of(teacher), {narrow});
  std::vector<std::string> prompts;
  for (int i = 0; i < 400; ++i) prompts.push_back("question " + std::to_string(i));
  rig.on_lane([&] { rig.transport().hold = true; });
  const std::string id = rig.submit(HarvestRig::job(), prompts);
  // One answer at a time, so that the job always has the next ready.
  rig.await_on_lane([&] {
    rig.transport().release();
    return teacher.canaries == 1;
  });
  CHECK(rig.control().job(id)->record().counters().answered() < 300);
  hold(rig, false);
  rig.await(id, v1::FINISHED);
}

}  // namespace drift_test
