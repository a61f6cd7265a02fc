#include "service/flow/twins.h"

#include <catch2/catch.hpp>

using harvest::flow::Twins;
using harvest::store::Identity;

namespace {
Identity identity(uint8_t n) {
  Identity result{};
  result[0] = n;
  return result;
}
}  // namespace

TEST_CASE("a query is busy while its twin is in flight", "[flow]") {
  Twins twins;
  CHECK_FALSE(twins.busy(identity(1)));
  twins.start(identity(1));
  CHECK(twins.busy(identity(1)));
  CHECK_FALSE(twins.busy(identity(2)));
  twins.finish(identity(1), false);
  CHECK_FALSE(twins.busy(identity(1)));
  CHECK(twins.size() == 0);
}

TEST_CASE("a twin that waits in memory still sees that its query was answered", "[flow]") {
  Twins twins;
  Twins::Ticket first = twins.wait(identity(1));
  Twins::Ticket second = twins.wait(identity(1));
  twins.start(identity(1));
  { Twins::Ticket asked = std::move(first); }
  twins.finish(identity(1), true);
  CHECK(twins.busy(identity(1)));  // it must be parked: on disk its answer is known now
  { Twins::Ticket parked = std::move(second); }
  CHECK_FALSE(twins.busy(identity(1)));
  CHECK(twins.size() == 0);
}

TEST_CASE("an unanswered twin leaves nothing behind", "[flow]") {
  Twins twins;
  Twins::Ticket waiting = twins.wait(identity(1));
  twins.start(identity(1));
  twins.finish(identity(1), false);
  CHECK_FALSE(twins.busy(identity(1)));
}

TEST_CASE("an answer that comes while a read is under way is remembered until the read is delivered", "[flow]") {
  Twins twins;
  twins.start(identity(1));
  twins.read_begins();  // looks into the index before the answer is there...
  twins.finish(identity(1), true);
  CHECK(twins.busy(identity(1)));
  SECTION("and the read brings the twin") {
    Twins::Ticket read = twins.wait(identity(1));  // ...and brings its twin
    twins.read_delivered();
    CHECK(twins.busy(identity(1)));
  }
  SECTION("and is forgotten where it brings none") {
    twins.read_delivered();
    CHECK_FALSE(twins.busy(identity(1)));
    CHECK(twins.size() == 0);
  }
}

TEST_CASE("a read that begins after the answer holds nothing", "[flow]") {
  Twins twins;
  twins.start(identity(1));
  twins.finish(identity(1), true);
  twins.read_begins();
  CHECK_FALSE(twins.busy(identity(1)));
  twins.read_delivered();
  CHECK(twins.size() == 0);
}
