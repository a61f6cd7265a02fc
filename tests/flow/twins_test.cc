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

/// A query that a read brings, from the index as it stands now.
Twins::Ticket read(Twins& twins, const Identity& which = identity(1)) {
  twins.read_begins();
  Twins::Ticket query = twins.wait(which);
  twins.read_delivered();
  return query;
}

}  // namespace

TEST_CASE("a query is busy while its twin is in flight", "[flow]") {
  Twins twins;
  const Twins::Ticket query = read(twins), other = read(twins, identity(2));
  CHECK_FALSE(twins.busy(query));
  twins.start(identity(1));
  CHECK(twins.busy(query));
  CHECK_FALSE(twins.busy(other));
  twins.finish(identity(1), false);
  CHECK_FALSE(twins.busy(query));
}

TEST_CASE("nothing is left behind once nobody waits", "[flow]") {
  Twins twins;
  twins.start(identity(1));
  twins.finish(identity(1), false);
  { const Twins::Ticket query = read(twins); }
  CHECK(twins.size() == 0);
}

TEST_CASE("a twin that waits in memory still sees that its query was answered", "[flow]") {
  Twins twins;
  Twins::Ticket first = read(twins);
  Twins::Ticket second = read(twins);
  twins.start(identity(1));
  { Twins::Ticket asked = std::move(first); }
  twins.finish(identity(1), true);
  CHECK(twins.busy(second));  // it must be parked: on disk its answer is known now
  { Twins::Ticket parked = std::move(second); }
  CHECK(twins.size() == 0);
}

TEST_CASE("an answer keeps nobody waiting who was read after it and may not use it", "[flow][regression]") {
  Twins twins;
  const Twins::Ticket paused = read(twins);  // of a job that asks nothing: its queries stay in memory
  twins.start(identity(1));
  twins.finish(identity(1), true);
  const Twins::Ticket again = read(twins);
  CHECK_FALSE(twins.busy(again));
  CHECK(twins.busy(paused));
  twins.start(identity(1));
  CHECK(twins.busy(again));
}

TEST_CASE("an answer that comes while a read is under way is remembered until the read is delivered", "[flow]") {
  Twins twins;
  twins.start(identity(1));
  twins.read_begins();  // looks into the index before the answer is there...
  twins.finish(identity(1), true);
  SECTION("and the read brings the twin") {
    const Twins::Ticket query = twins.wait(identity(1));  // ...and brings its twin
    twins.read_delivered();
    CHECK(twins.busy(query));
  }
  SECTION("and is forgotten where it brings none") {
    twins.read_delivered();
    CHECK(twins.size() == 0);
  }
}

TEST_CASE("of two reads at once the one that began after the answer sees it", "[flow]") {
  Twins twins;
  twins.start(identity(1));
  twins.read_begins();
  twins.finish(identity(1), true);
  twins.read_begins();
  const Twins::Ticket before = twins.wait(identity(1));
  twins.read_delivered();
  const Twins::Ticket after = twins.wait(identity(1));
  twins.read_delivered();
  CHECK(twins.busy(before));
  CHECK_FALSE(twins.busy(after));
}
