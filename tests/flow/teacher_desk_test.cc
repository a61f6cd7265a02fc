#include "service/flow/teacher_desk.h"

#include <catch2/catch.hpp>

#include "tests/flow/harvest_rig.h"

using namespace harvest;
using namespace std::chrono_literals;
using flow::Readiness;
using flow::test::HarvestRig;

TEST_CASE("an attempt that we gave up ourselves does not heal an endpoint", "[flow]") {
  boost::asio::io_context lane;
  flow::test::FakeTransport transport(lane, {});
  observe::Metrics metrics("test");
  auto opened = flow::TeacherDesk::open(HarvestRig::teacher("t"), "", 1.0, transport, metrics);
  REQUIRE(opened.ok());
  flow::TeacherDesk& desk = **opened;
  auto ends = [&](dialect::WireError error, limit::Instant now) {
    const std::optional<size_t> endpoint = desk.endpoints.pick(now);
    REQUIRE(endpoint);
    desk.learn({}, {}, *endpoint, {.error = error}, {.kind = v1::FAULTED}, now);
  };
  for (int i = 0; i < 5; ++i) ends(dialect::WireError::kNotConnected, 0s);
  CHECK(desk.readiness(1s) == Readiness::kDown);
  CHECK(desk.readiness(6s) == Readiness::kReady);  // to be probed
  ends(dialect::WireError::kCancelled, 6s);
  CHECK_FALSE(desk.endpoints.healthy(0));
}
