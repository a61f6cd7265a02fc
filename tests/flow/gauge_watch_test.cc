// The queue of a server of one's own bounds how many attempts are in flight there.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "tests/flow/harvest_rig.h"

namespace harvest::flow::test {
namespace {

v1::Teacher vllm() {
  v1::Teacher teacher = HarvestRig::teacher("t");
  teacher.set_profile("vllm");
  return teacher;
}

std::vector<std::string> some_prompts(int count) {
  std::vector<std::string> made;
  for (int i = 0; i < count; ++i) made.push_back("p" + std::to_string(i));
  return made;
}

}  // namespace

TEST_CASE("a server's gauges are read once a second while it is asked, and bound what is in flight", "[flow]") {
  std::atomic<int> pages = 0;
  HarvestRig rig(
      [&](const dialect::HttpRequest& request, int) -> dialect::HttpExchange {
        if (!request.at_root) return answer("a");
        if (request.path == "/metrics") ++pages;
        return {.status = 200, .body = "vllm:num_requests_waiting 40\nvllm:num_requests_running 8\n"};
      },
      {vllm()});
  rig.on_lane([&] { rig.transport().hold = true; });
  const std::string id = rig.submit(HarvestRig::job(), some_prompts(100));
  rig.await_on_lane([&] { return pages >= 3; });
  CHECK(pages <= 4);
  const int at_first = rig.transport().in_flight_max();
  // What is in flight ends; no more is sent than the queue there allows.
  rig.on_lane([&] { rig.transport().release(); });
  rig.await_on_lane([&] { return rig.transport().in_flight > 0; });
  rig.await_on_lane([&] { return rig.transport().in_flight < at_first - 3; });
  rig.on_lane([&] {
    rig.transport().hold = false;
    rig.transport().release();
  });
  rig.await(id, v1::FINISHED);
}

TEST_CASE("a server without gauges is left in peace, and its times go on to tell", "[flow]") {
  std::atomic<int> pages = 0;
  HarvestRig rig(
      [&](const dialect::HttpRequest& request, int) {
        if (!request.at_root) return answer("a");
        ++pages;
        return error(404);
      },
      {vllm()});
  rig.on_lane([&] { rig.transport().hold = true; });
  const std::string id = rig.submit(HarvestRig::job(), some_prompts(10));
  rig.await_on_lane([&] { return pages > 0; });
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  CHECK(pages == 1);
  rig.on_lane([&] {
    rig.transport().hold = false;
    rig.transport().release();
  });
  rig.await(id, v1::FINISHED);
}

}  // namespace harvest::flow::test
