// Teachers that share an account, tenants, and what jobs get of a teacher.
#include <catch2/catch.hpp>

#include "tests/flow/harvest_rig.h"

using namespace harvest;
using namespace std::chrono_literals;
using flow::test::answer;
using flow::test::asks;
using flow::test::HarvestRig;
using flow::test::numbered;

namespace {

v1::Teacher on_account(const std::string& name, const std::string& model) {
  v1::Teacher teacher = HarvestRig::teacher(name, model);
  teacher.set_account("shared");
  teacher.mutable_limits()->set_concurrency(2);
  return teacher;
}

/// Costs $1 an answer at most: 100 output tokens at a cent each.
v1::Teacher dear(const std::string& name) {
  v1::Teacher teacher = HarvestRig::teacher(name);
  teacher.mutable_prices()->set_free(false);
  teacher.mutable_prices()->set_input_usd_per_mtok("0");
  teacher.mutable_prices()->set_output_usd_per_mtok("10000");
  return teacher;
}

v1::Tenant tenant(const std::string& cap_of_day, const std::string& cap_of_month) {
  v1::Tenant tenant;
  tenant.set_name("default");
  tenant.set_max_cost_usd_per_day(cap_of_day);
  tenant.set_max_cost_usd_per_month(cap_of_month);
  return tenant;
}

}  // namespace

TEST_CASE("teachers of one account share its limits, and neither starves", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {on_account("a", "m1"), on_account("b", "m2")});
  rig.on_lane([&] { rig.transport().hold = true; });
  const std::string first = rig.submit(HarvestRig::job({"a"}), numbered(40, "first"));
  const std::string second = rig.submit(HarvestRig::job({"b"}), numbered(40, "second"));
  rig.await_on_lane([&] { return rig.transport().in_flight == 2; });
  std::this_thread::sleep_for(400ms);  // both windows are read by now
  rig.on_lane([&] {
    rig.transport().hold = false;
    rig.transport().release();
  });
  rig.await(first, v1::FINISHED);
  rig.await(second, v1::FINISHED);
  CHECK(rig.transport().in_flight_max() == 2);
  const auto requests = rig.transport().requests();
  REQUIRE(requests.size() == 80);
  int of_second = 0;
  for (size_t i = 0; i < 40; ++i) of_second += asks({.body = requests[i].body}, "second") ? 1 : 0;
  CHECK(of_second > 10);
  CHECK(of_second < 30);
}

TEST_CASE("a paused teacher stands in nobody's way on its account", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {on_account("a", "m1"), on_account("b", "m2")});
  rig.on_lane([&] { rig.harvester().set_teacher({.name = "a", .paused = true, .pause_reason = "a look"}); });
  const std::string waits = rig.submit(HarvestRig::job({"a"}), numbered(10, "first"));
  const std::string goes = rig.submit(HarvestRig::job({"b"}), numbered(10, "second"));
  CHECK(rig.await(goes, v1::FINISHED).record().counters().answered() == 10);
  CHECK(rig.control().job(waits)->record().counters().answered() == 0);
  rig.on_lane([&] { rig.harvester().set_teacher({.name = "a", .paused = false}); });
  CHECK(rig.await(waits, v1::FINISHED).record().counters().answered() == 10);
}

TEST_CASE("a spread job asks all teachers of an account, and goes on with those that can", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("a", 0, 100); }, {on_account("a", "m1"), on_account("b", "m2")});
  v1::Job job = HarvestRig::job({"a", "b"});
  job.set_ask(v1::SPREAD);
  rig.await(rig.submit(job, numbered(40, "p")), v1::FINISHED);
  int of_first = 0;
  for (const v1::Pair& pair : rig.pairs()) of_first += pair.teacher() == "a" ? 1 : 0;
  CHECK(of_first == 20);

  v1::Teacher poor = on_account("a", "m1");
  *poor.mutable_prices() = dear("a").prices();
  poor.set_max_cost_usd_per_day("5");
  rig.restart({poor, on_account("b", "m2")});
  job.set_dataset("e");
  CHECK(rig.await(rig.submit(job, numbered(40, "q")), v1::FINISHED).record().counters().answered() == 40);
  of_first = 0;
  for (const v1::Pair& pair : rig.pairs("e")) of_first += pair.teacher() == "a" ? 1 : 0;
  CHECK(of_first == 5);
}

TEST_CASE("a cap that attempts in flight may pass is refused, and the old one holds", "[flow][harvester][budget]") {
  HarvestRig rig([](const auto&, int) { return answer("a", 0, 100); }, {dear("t")});
  rig.on_lane([&] { rig.transport().hold = true; });
  v1::Job job = HarvestRig::job();
  job.set_max_cost_usd("10");
  const std::string id = rig.submit(job, numbered(8, "p"));
  rig.await_on_lane([&] { return rig.transport().in_flight == 8; });
  v1::RetuneJobRequest retune;
  retune.set_job_id(id);
  retune.set_max_cost_usd("7.5");
  const auto refused = rig.control().retune_job(retune).status();
  CHECK(refused.code() == absl::StatusCode::kInvalidArgument);
  CHECK(std::string(refused.message()).find("attempts in flight may cost $8") != std::string::npos);
  CHECK(rig.control().job(id)->max_cost_usd() == "10");
  retune.set_max_cost_usd("8.5");
  CHECK(rig.control().retune_job(retune).ok());
  rig.on_lane([&] {
    rig.transport().hold = false;
    rig.transport().release();
  });
  rig.await(id, v1::FINISHED);
}

TEST_CASE("a query that no day's cap would ever pay stops its job, by name, and no other",
          "[flow][harvester][budget]") {
  v1::Teacher poor = dear("t");
  poor.set_max_cost_usd_per_day("0.50");
  HarvestRig rig([](const auto&, int) { return answer("a", 0, 100); }, {poor, HarvestRig::teacher("u")});
  const std::string stopped = rig.submit(HarvestRig::job({"t"}), numbered(3, "p"));
  const std::string other = rig.submit(HarvestRig::job({"u"}), numbered(3, "q"));
  CHECK(rig.await(stopped, v1::PAUSED).record().reason() ==
        "budget: the next query may cost $1.00, and teacher t has a cap of $0.50 a day: raise it, or lower "
        "max_output_tokens; 3 queries are not asked");
  CHECK(rig.await(other, v1::FINISHED).record().counters().answered() == 3);
  poor.set_max_cost_usd_per_day("5");
  rig.restart({poor, HarvestRig::teacher("u")});
  REQUIRE(rig.control().resume_job(stopped).ok());
  rig.await(stopped, v1::FINISHED);
}

TEST_CASE("a spread job goes on with the teacher that can still be paid, and stops where none can",
          "[flow][harvester][budget]") {
  v1::Teacher cheap = dear("cheap");  // a cent an answer
  cheap.mutable_prices()->set_output_usd_per_mtok("100");
  HarvestRig rig([](const auto&, int) { return answer("a", 0, 100); }, {dear("t"), cheap});
  v1::Job job = HarvestRig::job({"t", "cheap"});
  job.set_ask(v1::SPREAD);
  job.set_max_cost_usd("0.50");  // the dear one is never paid
  const v1::JobRecord done = rig.await(rig.submit(job, numbered(40, "p")), v1::FINISHED).record();
  CHECK(done.counters().answered() == 40);
  for (const v1::Pair& pair : rig.pairs()) CHECK(pair.teacher() == "cheap");

  v1::Teacher poor = dear("t");
  poor.set_max_cost_usd_per_day("0.50");
  v1::Teacher poorer = cheap;
  poorer.set_max_cost_usd_per_day("0.001");
  rig.restart({poor, poorer});
  v1::Job broke = HarvestRig::job({"t", "cheap"});
  broke.set_ask(v1::SPREAD);
  const std::string reason = rig.await(rig.submit(broke, numbered(3, "q")), v1::PAUSED).record().reason();
  CHECK(reason.find("budget: the next query may cost") == 0);
}

TEST_CASE("an output cap beyond all reason is refused, not reckoned with", "[flow][harvester][budget]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); }, {dear("t")});
  v1::Job job = HarvestRig::job();
  job.mutable_sampling()->set_max_output_tokens(4'294'967'295u);
  const absl::Status refused = rig.try_submit(job, {"p"}).status();
  CHECK(refused.code() == absl::StatusCode::kInvalidArgument);
  CHECK(std::string(refused.message()).find("4294967295") != std::string::npos);
}

TEST_CASE("a job has no more in flight than it gives itself, and leaves the rest to others", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); });
  rig.on_lane([&] { rig.transport().hold = true; });
  v1::Job narrow = HarvestRig::job();
  narrow.set_concurrency(3);
  const std::string id = rig.submit(narrow, numbered(20, "narrow"));
  rig.await_on_lane([&] { return rig.transport().in_flight == 3; });
  const std::string other = rig.submit(HarvestRig::job(), numbered(10, "wide"));
  rig.await_on_lane([&] { return rig.transport().in_flight == 13; });
  CHECK(rig.control().job(id)->binding() == "job_ceiling");
  v1::RetuneJobRequest retune;
  retune.set_job_id(id);
  retune.set_concurrency(5);
  REQUIRE(rig.control().retune_job(retune).ok());
  rig.await_on_lane([&] { return rig.transport().in_flight == 15; });
  rig.on_lane([&] {
    rig.transport().hold = false;
    rig.transport().release();
  });
  rig.await(id, v1::FINISHED);
  rig.await(other, v1::FINISHED);
}

TEST_CASE("a job's ceiling at one teacher bounds it there alone", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); },
                 {HarvestRig::teacher("a", "m1"), HarvestRig::teacher("b", "m2")});
  rig.on_lane([&] { rig.transport().hold = true; });
  v1::Job job = HarvestRig::job({"a", "b"});
  v1::TeacherShare* share = job.add_shares();
  share->set_teacher("a");
  share->mutable_ceiling()->set_concurrency(2);
  const std::string id = rig.submit(job, numbered(10, "p"));
  rig.await_on_lane([&] { return rig.transport().in_flight == 12; });
  v1::RetuneJobRequest retune;
  retune.set_job_id(id);
  *retune.add_shares() = *share;
  retune.mutable_shares(0)->mutable_ceiling()->set_concurrency(4);
  REQUIRE(rig.control().retune_job(retune).ok());
  rig.await_on_lane([&] { return rig.transport().in_flight == 14; });
  rig.on_lane([&] {
    rig.transport().hold = false;
    rig.transport().release();
  });
  CHECK(rig.await(id, v1::FINISHED).record().counters().answered() == 20);
}

TEST_CASE("a tenant's cap holds over all its jobs, and over a restart", "[flow][harvester][budget]") {
  const auto [day, month] = GENERATE(std::pair("5", ""), std::pair("", "5"));
  HarvestRig rig([](const auto&, int) { return answer("a", 0, 100); }, {dear("t")});
  *rig.config().add_tenants() = tenant(day, month);
  rig.restart({dear("t")});
  const std::string first = rig.submit(HarvestRig::job(), numbered(4, "first"));
  const std::string second = rig.submit(HarvestRig::job(), numbered(4, "second"));
  const auto answered = [&] {
    return rig.control().job(first)->record().counters().answered() +
           rig.control().job(second)->record().counters().answered();
  };
  rig.await_on_lane([&] { return answered() == 5; });
  std::this_thread::sleep_for(300ms);
  CHECK(rig.control().job(second)->binding() == "tenant_budget");
  rig.restart({dear("t")});
  std::this_thread::sleep_for(600ms);
  CHECK(answered() == 5);
  CHECK(rig.pairs().size() == 5);
  REQUIRE(rig.control().status().budgets_size() == 1);
  CHECK(rig.control().status().budgets(0).owner() == "tenant default");
}

TEST_CASE("a retune that cannot be is refused and changes nothing", "[flow][harvester]") {
  HarvestRig rig([](const auto&, int) { return answer("a"); });
  rig.on_lane([&] { rig.transport().hold = true; });
  const std::string id = rig.submit(HarvestRig::job(), numbered(3, "p"));
  const std::string before = rig.control().job(id)->record().job().SerializeAsString();
  const auto refused = [&](const std::function<void(v1::RetuneJobRequest&)>& change) {
    v1::RetuneJobRequest retune;
    retune.set_job_id(id);
    change(retune);
    const auto status = rig.control().retune_job(retune).status();
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK(rig.control().job(id)->record().job().SerializeAsString() == before);
    return std::string(status.message());
  };
  CHECK(refused([](auto& retune) { retune.set_weight(-1); }).find("weight: found -1") == 0);
  CHECK(refused([](auto& retune) { retune.set_deadline("2001-01-01T00:00:00Z"); }).find("has passed") !=
        std::string::npos);
  CHECK(refused([](auto& retune) { retune.add_shares()->set_teacher("nobody"); }).find("shares[0].teacher") == 0);
  CHECK(refused([](auto& retune) {
          retune.add_shares()->set_teacher("t");
          retune.mutable_shares(0)->set_floor(1.5);
        }).find("shares[0].floor: found 1.5") == 0);
  CHECK(refused([](auto& retune) {
          retune.add_shares()->set_teacher("t");
          retune.mutable_shares(0)->mutable_ceiling()->set_concurrency(0);
        }).find("shares[0].ceiling: found 0") == 0);
  CHECK(refused([](auto& retune) {
          retune.add_shares()->set_teacher("t");
          retune.mutable_shares(0)->mutable_ceiling()->set_requests_per_day(1000);
        }).find("shares[0].ceiling: found more than a job's ceiling can bound") == 0);
  rig.on_lane([&] {
    rig.transport().hold = false;
    rig.transport().release();
  });
  rig.await(id, v1::FINISHED);
  v1::RetuneJobRequest late;
  late.set_job_id(id);
  late.set_weight(2);
  CHECK(rig.control().retune_job(late).status().code() == absl::StatusCode::kFailedPrecondition);
}
