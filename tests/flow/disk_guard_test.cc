#include "service/flow/disk_guard.h"

#include <catch2/catch.hpp>

using harvest::flow::DiskGuard;

TEST_CASE("asking stops below the floor and goes on only well above it", "[flow]") {
  DiskGuard guard(1000);
  CHECK_FALSE(guard.low(1000));
  CHECK(guard.low(999));
  CHECK(guard.low(1100));
  CHECK_FALSE(guard.low(1250));
  CHECK_FALSE(guard.low(1001));
}

TEST_CASE("free space of a directory that is not there is an error that names it", "[flow]") {
  auto free = harvest::flow::free_bytes("/no/such/directory");
  REQUIRE_FALSE(free.ok());
  CHECK(std::string(free.status().message()).find("/no/such/directory") != std::string::npos);
  CHECK(*harvest::flow::free_bytes("/") > 0);
}
