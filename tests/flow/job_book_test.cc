#include "service/flow/job_book.h"

#include <boost/asio/executor_work_guard.hpp>
#include <catch2/catch.hpp>
#include <chrono>

#include "harvest_rig.h"

namespace harvest::flow::test {

TEST_CASE("a query that waits again while its stream is being read is not forgotten", "[flow]") {
  // A house that asks nothing, for its store; beside it a book of our own on a lane that we turn by hand.
  HarvestRig rig([](const auto&, int) { return dialect::HttpExchange(); });
  rig.on_lane([&] { rig.harvester().set_halted(true); });
  const std::string id = rig.submit(HarvestRig::job(), {"one"});
  const v1::JobRecord record = *rig.store().find_job(id);
  v1::Teacher teacher = HarvestRig::teacher("t");
  teacher.set_default_max_output_tokens(16);
  auto spec = make_job_spec(record, [&](const std::string&) {
    return std::optional<ConfiguredTeacher>({0, 0, &teacher});
  });
  REQUIRE(spec.ok());

  boost::asio::io_context lane;
  const auto open = boost::asio::make_work_guard(lane);
  Twins twins;
  ReadyQueue queue;  // its queries hold tickets
  runtime::SystemClock clock;
  bool delivered = false;
  JobBook::Events events{.route = [](const JobSpec&) { return FallbackRoute(); },
                         .by_batch = [](const JobSpec&, uint32_t) { return false; },
                         .woken = [&] { delivered = true; },
                         .read_failed = [](uint64_t, const absl::Status&) { FAIL("the stream can be read"); }};
  JobBook book(queue, twins, StreamReader(rig.store(), [](const auto&, const auto&) { return true; }), clock, lane,
               std::move(events));
  JobDesk& desk = book.open(*spec, record, limit::Budget());  // orders the first read
  REQUIRE(desk.windows[0].reading);
  // It may have passed the place of a row that was written only now.
  book.postponed(record.number(), 0, 42);
  for (int turn = 0; turn < 2000 && !delivered; ++turn) lane.run_for(std::chrono::milliseconds(10));
  REQUIRE(delivered);
  CHECK(desk.windows[0].next_due_us == 42);
  book.stop();
}

}  // namespace harvest::flow::test
