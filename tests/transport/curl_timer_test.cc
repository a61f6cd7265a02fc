#include "service/transport/curl_timer.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <thread>

namespace harvest::transport {
namespace {

using namespace std::chrono_literals;

TEST_CASE("libcurl's timer fires once after the time that was set last") {
  boost::asio::io_context lane;
  int fired = 0;
  CurlTimer timer(lane, [&] { ++fired; });
  timer.set(1ms);
  timer.set(3ms);
  lane.run_for(200ms);
  CHECK(fired == 1);
}

TEST_CASE("libcurl's timer that has expired but not fired yet fires nothing once it is destroyed") {
  boost::asio::io_context lane;
  bool fired = false;
  auto timer = std::make_unique<CurlTimer>(lane, [&] { fired = true; });
  timer->set(1ms);
  std::this_thread::sleep_for(3ms);
  // The lane looks at its timers first, queues the expired one's handler, and then comes to this.
  boost::asio::post(lane, [&] { timer.reset(); });
  lane.run_for(200ms);
  CHECK_FALSE(fired);
}

}  // namespace
}  // namespace harvest::transport
