#include "service/runtime/lane.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>
#include <vector>

using harvest::runtime::Lane;

TEST_CASE("a lane runs what is posted on its own thread and in order", "[runtime]") {
  Lane lane("test");
  std::vector<int> order;
  bool on_lane = true;
  for (int i = 0; i < 100; ++i)
    boost::asio::post(lane.context(), [&, i] {
      order.push_back(i);
      on_lane = on_lane && lane.is_current();
    });
  lane.finish();
  CHECK(on_lane);
  CHECK_FALSE(lane.is_current());
  REQUIRE(order.size() == 100);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("a stopped lane leaves what was not begun", "[runtime]") {
  Lane lane("test");
  boost::asio::steady_timer never(lane.context(), std::chrono::hours(1));
  bool ran = false;
  never.async_wait([&](const auto&) { ran = true; });
  lane.stop();
  CHECK_FALSE(ran);
}
