#include "service/flow/probe.h"

#include <catch2/catch.hpp>

#include "proto/text/time.h"
#include "tests/flow/harvest_rig.h"

using namespace harvest;
using flow::test::answer;
using flow::test::error;
using flow::test::HarvestRig;
using flow::test::priced;

namespace {

std::string state_of(const v1::ProbeReply& reply, const std::string& name) {
  for (const v1::ProbeReply::Capability& capability : reply.capabilities())
    if (capability.name() == name) return capability.state();
  return "not told";
}

}  // namespace

TEST_CASE("a probe reports what came, is booked to the teacher's day, and verifies the dialect", "[flow][probe]") {
  HarvestRig rig([](const auto&, int) { return answer("ready"); }, {priced()});
  const auto reply = rig.control().probe_teacher("t", true);
  REQUIRE(reply.ok());
  CHECK(reply->outcome() == "answered");
  CHECK(reply->reachable());
  CHECK(reply->authenticated());
  CHECK_FALSE(reply->tls());
  CHECK(reply->calls() == 1);
  CHECK(reply->live());
  CHECK(state_of(*reply, "logprobs") == "missing");
  CHECK(reply->golden_case_json().find("\"status\": 200") != std::string::npos);

  const auto day = static_cast<uint32_t>(text::day_of(rig.clock().utc_us()));
  const store::TeacherDay booked = rig.store().teacher_day("t", day);
  CHECK(booked.requests == 1);
  CHECK(booked.spent_picodollars > 0);
  CHECK(booked.at_risk_picodollars == 0);
  CHECK(rig.control().teachers().at(0).verification().live());
}

TEST_CASE(
    "a model that rejects the full question is asked with one feature less at a time, each call counted and booked",
    "[flow][probe]") {
  HarvestRig rig([](const dialect::HttpRequest& request, int) {
    return request.body.find("logprobs") == std::string::npos ? answer("ready") : error(400, "logprobs not supported");
  });
  const auto reply = rig.control().probe_teacher("t", false);
  REQUIRE(reply.ok());
  CHECK(reply->outcome() == "answered");
  CHECK(reply->calls() == 4);  // all, without reasoning, without logprobs too, reasoning again
  CHECK(state_of(*reply, "logprobs") == "refused");
  CHECK(state_of(*reply, "streaming") == "missing");
  CHECK(state_of(*reply, "reasoning") == "missing");
  CHECK(reply->golden_case_json().empty());
  CHECK(rig.transport().requests().size() == 4);
  CHECK(rig.store().teacher_day("t", static_cast<uint32_t>(text::day_of(rig.clock().utc_us()))).requests == 4);
}

TEST_CASE("a refused key is told, a lost call stays at risk, and neither verifies anything", "[flow][probe]") {
  SECTION("refused key") {
    HarvestRig rig([](const auto&, int) { return error(401, "bad key"); });
    const auto reply = rig.control().probe_teacher("t", false);
    REQUIRE(reply.ok());
    CHECK(reply->outcome() == "halted");
    CHECK_FALSE(reply->authenticated());
    CHECK(rig.control().teachers().at(0).verification().at_us() == 0);
    CHECK_FALSE(rig.control().teachers().at(0).halted());
  }
  SECTION("lost call") {
    HarvestRig rig([](const auto&, int) { return dialect::HttpExchange{.error = dialect::WireError::kReset}; },
                   {priced()});
    const auto reply = rig.control().probe_teacher("t", false);
    REQUIRE(reply.ok());
    CHECK_FALSE(reply->reachable());
    const auto day = static_cast<uint32_t>(text::day_of(rig.clock().utc_us()));
    CHECK(rig.store().teacher_day("t", day).at_risk_picodollars > 0);
  }
  SECTION("no such teacher, and all asking halted") {
    HarvestRig rig([](const auto&, int) { return answer("ready"); });
    CHECK(rig.control().probe_teacher("nobody", false).status().code() == absl::StatusCode::kNotFound);
    REQUIRE(rig.control().halt("").ok());
    CHECK(rig.control().probe_teacher("t", false).status().code() == absl::StatusCode::kFailedPrecondition);
    CHECK(rig.transport().requests().empty());
  }
}

TEST_CASE("imported prices are in force from their day, survive a restart, and can be dropped", "[flow][prices]") {
  HarvestRig rig([](const auto&, int) { return answer("yes"); }, {priced()});
  v1::ImportPricesRequest request;
  v1::ImportPricesRequest::Entry& entry = *request.add_entries();
  entry.set_teacher("t");
  entry.mutable_prices()->set_input_usd_per_mtok("5");
  entry.mutable_prices()->set_output_usd_per_mtok("9");
  REQUIRE(rig.control().import_prices(request).ok());
  CHECK(rig.control().teachers().at(0).prices_in_force().output_usd_per_mtok() == "9");
  CHECK(rig.store().teachers().at(0).imported_prices.size() == 1);

  SECTION("all or none") {
    request.add_entries()->set_teacher("nobody");
    request.mutable_entries(0)->mutable_prices()->set_output_usd_per_mtok("10");
    CHECK_FALSE(rig.control().import_prices(request).ok());
    CHECK(rig.control().teachers().at(0).prices_in_force().output_usd_per_mtok() == "9");
  }
  SECTION("dropped") {
    request.mutable_entries(0)->clear_prices();
    REQUIRE(rig.control().import_prices(request).ok());
    CHECK(rig.control().teachers().at(0).prices_in_force().output_usd_per_mtok() == "1");
  }
  SECTION("what cannot be read changes nothing") {
    request.mutable_entries(0)->mutable_prices()->set_output_usd_per_mtok("cheap");
    CHECK(rig.control().import_prices(request).status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(rig.control().teachers().at(0).prices_in_force().output_usd_per_mtok() == "9");
  }
}

TEST_CASE("a job that lost its prices goes on once some are imported", "[flow][prices]") {
  HarvestRig rig([](const auto&, int) { return answer("yes"); }, {priced()});
  rig.on_lane([&] { rig.harvester().set_halted(true); });
  const std::string id = rig.submit(HarvestRig::job(), {"question"});
  REQUIRE(rig.control().pause_job(id, "").ok());
  v1::Teacher unpriced = priced();
  unpriced.clear_prices();
  rig.restart({unpriced});
  REQUIRE(rig.control().resume_job(id).ok());
  CHECK(rig.await(id, v1::PAUSED).record().reason().find("has no prices today") != std::string::npos);

  v1::ImportPricesRequest request;
  v1::ImportPricesRequest::Entry& entry = *request.add_entries();
  entry.set_teacher("t");
  entry.mutable_prices()->set_input_usd_per_mtok("5");
  entry.mutable_prices()->set_output_usd_per_mtok("9");
  REQUIRE(rig.control().import_prices(request).ok());
  REQUIRE(rig.control().resume_job(id).ok());
  rig.await(id, v1::FINISHED);
}

TEST_CASE("what was seen of a teacher does not hold for another at its name", "[flow][probe]") {
  const v1::Teacher before = HarvestRig::teacher("t");
  HarvestRig rig([](const auto&, int) { return answer("ready"); }, {before});
  rig.await(rig.submit(HarvestRig::job(), {"question"}), v1::FINISHED);
  REQUIRE(rig.control().probe_teacher("t", false).ok());
  v1::Teacher after = before;
  const auto seen = [&] {
    const v1::TeacherStatus status = rig.control().teachers().at(0);
    return std::pair(status.verification().at_us() > 0, status.has_answered());
  };
  SECTION("but does for the same") {
    after.mutable_limits()->set_requests_per_minute(1000);
    rig.restart({after});
    CHECK(seen() == std::pair(true, true));
  }
  SECTION("another model") {
    after.set_model("n");
    rig.restart({after});
    CHECK(seen() == std::pair(false, false));
  }
  SECTION("another address") {
    after.set_endpoints(0, "http://elsewhere.test/v1");
    rig.restart({after});
    CHECK(seen() == std::pair(false, false));
  }
  SECTION("another dialect") {
    after.set_dialect("openai-completions");
    rig.restart({after});
    CHECK(seen() == std::pair(false, false));
  }
}
