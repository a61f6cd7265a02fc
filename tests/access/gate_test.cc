#include "service/access/gate.h"

#include <catch2/catch.hpp>

namespace harvest::access {
namespace {

const Principal kLocal{.name = "local:me", .roles = Roles::all()};

/// Ann trains for the tenant maths; Eve may do everything.
Gate guarded() {
  google::protobuf::RepeatedPtrField<v1::Token> tokens;
  v1::Token& ann = *tokens.Add();
  ann.set_name("ann");
  ann.set_sha256(corpus::hex(corpus::sha256("anns")));
  ann.add_roles("trainer");
  ann.set_tenant("maths");
  v1::Token& eve = *tokens.Add();
  eve.set_name("eve");
  eve.set_sha256(corpus::hex(corpus::sha256("eves")));
  eve.add_roles("admin");
  auto roster = Roster::of(tokens);
  REQUIRE(roster.ok());
  return {*std::move(roster), kLocal};
}

TEST_CASE("without tokens the local user may do what has a row", "[access]") {
  const Gate gate(Roster(), kLocal);
  CHECK_FALSE(gate.demands_tokens());
  CHECK(gate.admit_call("/harvest.v1.Operations/Halt", "", 0)->name == "local:me");
  CHECK(gate.admit_read(Page::kShard, "Bearer whatever", 0).ok());
  CHECK(gate.admit_call("/harvest.v1.Jobs/NoSuch", "", 0).status().code() == absl::StatusCode::kPermissionDenied);
  CHECK_FALSE(gate.admit_call("", "", 0).ok());
}

TEST_CASE("with tokens nobody comes in without one", "[access]") {
  const Gate gate = guarded();
  for (const char* authorization :
       {"", "Bearer ", "Bearer", "Basic YW5uOmFubnM=", "anns", "Bearer annsx", "Beareranns"}) {
    INFO(authorization);
    const auto found = gate.admit_read(Page::kShard, authorization, 0);
    CHECK(found.status().code() == absl::StatusCode::kUnauthenticated);
  }
  CHECK(gate.admit_read(Page::kShard, "Bearer anns", 0)->name == "ann");
  CHECK(gate.admit_read(Page::kShard, "bearer anns", 0)->tenant == "maths");
}

TEST_CASE("whose roles do not suffice is told which would", "[access]") {
  const auto denied = guarded().admit_call("/harvest.v1.Jobs/PauseJob", "Bearer anns", 0);
  CHECK(denied.status().code() == absl::StatusCode::kPermissionDenied);
  CHECK(denied.status().message() ==
        "Jobs/PauseJob: found ann with the roles trainer, expected one of submitter, operator, admin");
  CHECK(guarded().admit_call("/harvest.v1.Jobs/PauseJob", "Bearer eves", 0).ok());
  CHECK_FALSE(guarded().admit_call("/harvest.v1.Jobs/NoSuch", "Bearer eves", 0).ok());
}

TEST_CASE("a tenant sees its own and an admin all", "[access]") {
  const Gate gate = guarded();
  const Principal ann = *gate.admit_read(Page::kShard, "Bearer anns", 0);
  CHECK(ann.sees("maths"));
  CHECK_FALSE(ann.sees("default"));
  CHECK_FALSE(ann.sees(""));  // what has no tenant is the default one's
  CHECK(gate.admit_read(Page::kShard, "Bearer eves", 0)->sees("maths"));
  CHECK(kLocal.sees("maths"));
}

}  // namespace
}  // namespace harvest::access
