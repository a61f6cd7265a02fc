#include "service/runtime/bell.h"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <thread>

namespace harvest::runtime {
namespace {

using namespace std::chrono_literals;

/// One who waits on a context that the test runs.
struct Waiting {
  boost::asio::io_context context;
  Bell bell;
  int woken = 0;

  bool wait(uint64_t heard, std::chrono::milliseconds time) {
    return bell.wait(context.get_executor(), heard, std::chrono::steady_clock::now() + time, [this] { ++woken; });
  }
};

TEST_CASE("a ring wakes all who wait and once each", "[bell]") {
  Waiting c;
  REQUIRE(c.wait(c.bell.rings(), 60s));
  REQUIRE(c.wait(c.bell.rings(), 60s));
  CHECK(c.context.poll() == 0);
  std::thread([&c] { c.bell.ring(); }).join();
  c.context.run_for(5s);
  CHECK(c.woken == 2);
  c.bell.ring();
  c.context.restart();
  c.context.poll();
  CHECK(c.woken == 2);
}

TEST_CASE("a ring between looking and waiting is not missed", "[bell]") {
  Waiting c;
  const uint64_t heard = c.bell.rings();
  c.bell.ring();
  REQUIRE(c.wait(heard, 60s));
  c.context.run_for(5s);
  CHECK(c.woken == 1);
}

TEST_CASE("a wait ends with its time", "[bell]") {
  Waiting c;
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(c.wait(c.bell.rings(), 50ms));
  c.context.run();
  CHECK(c.woken == 1);
  CHECK(std::chrono::steady_clock::now() - begin >= 50ms);
}

TEST_CASE("a closed bell wakes those who wait and takes no more", "[bell]") {
  Waiting c;
  REQUIRE(c.wait(c.bell.rings(), 60s));
  c.bell.close();
  c.context.run_for(5s);
  CHECK(c.woken == 1);
  CHECK_FALSE(c.wait(c.bell.rings(), 60s));
}

}  // namespace
}  // namespace harvest::runtime
