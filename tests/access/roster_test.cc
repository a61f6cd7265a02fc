#include "service/access/roster.h"

#include <catch2/catch.hpp>
#include <limits>

#include "proto/text/time.h"

namespace harvest::access {
namespace {

v1::Token token_of(const std::string& secret, const std::string& name, const std::string& role) {
  v1::Token token;
  token.set_name(name);
  token.set_sha256(corpus::hex(corpus::sha256(secret)));
  token.add_roles(role);
  return token;
}

Roster roster_of(const std::vector<v1::Token>& tokens) {
  google::protobuf::RepeatedPtrField<v1::Token> all;
  for (const v1::Token& token : tokens) *all.Add() = token;
  auto roster = Roster::of(all);
  REQUIRE(roster.ok());
  return *std::move(roster);
}

const int64_t kNow = *text::parse_utc("2026-11-28T12:00:00Z");

TEST_CASE("a token is known by its hash and says who it is", "[access]") {
  v1::Token trainer = token_of("secret of ann", "ann", "trainer");
  trainer.set_tenant("maths");
  const Roster roster = roster_of({token_of("secret of bob", "bob", "viewer"), trainer});
  const auto ann = roster.find("secret of ann", kNow);
  REQUIRE(ann.ok());
  CHECK(ann->name == "ann");
  CHECK(ann->tenant == "maths");
  CHECK(ann->roles.has(Role::kTrainer));
  CHECK_FALSE(ann->roles.has(Role::kViewer));
  CHECK(roster.find("secret of bob", kNow)->tenant == "default");
}

TEST_CASE("what is nobody's token lets nobody in", "[access]") {
  const Roster roster = roster_of({token_of("secret of ann", "ann", "trainer")});
  for (const std::string& other : {std::string(), std::string("secret of An"), std::string("secret of ann "),
                                   corpus::hex(corpus::sha256("secret of ann"))}) {
    const auto found = roster.find(other, kNow);
    CHECK(found.status().code() == absl::StatusCode::kUnauthenticated);
    CHECK((other.empty() || found.status().message().find(other) == absl::string_view::npos));
  }
  CHECK_FALSE(Roster().find("", kNow).ok());
}

TEST_CASE("a name may have an old token and the next", "[access]") {
  const Roster roster = roster_of({token_of("old", "ann", "trainer"), token_of("new", "ann", "trainer")});
  CHECK(roster.find("old", kNow)->name == "ann");
  CHECK(roster.find("new", kNow)->name == "ann");
}

TEST_CASE("a token expires at the end of its day or at its moment", "[access]") {
  v1::Token day = token_of("day", "ann", "trainer"), moment = token_of("moment", "bob", "trainer");
  day.set_expires_on("2026-11-28");
  moment.set_expires_on("2026-11-28T12:00:00Z");
  const Roster roster = roster_of({day, moment});
  CHECK(roster.find("day", *text::parse_utc("2026-11-28T23:59:59Z")).ok());
  CHECK_FALSE(roster.find("day", *text::parse_utc("2026-11-29T00:00:00Z")).ok());
  CHECK(roster.find("moment", kNow - 1).ok());
  const auto late = roster.find("moment", kNow);
  CHECK(late.status().code() == absl::StatusCode::kUnauthenticated);
  CHECK(std::string(late.status().message()).find("bob expired at 2026-11-28T12:00:00Z") != std::string::npos);
  CHECK(*parse_expiry("") == std::numeric_limits<int64_t>::max());
  CHECK_FALSE(parse_expiry("next year").ok());
}

TEST_CASE("a hash is 64 hexadecimal digits", "[access]") {
  const corpus::Digest digest = corpus::sha256("x");
  CHECK(*parse_sha256(corpus::hex(digest)) == digest);
  CHECK_FALSE(parse_sha256("").ok());
  CHECK_FALSE(parse_sha256(corpus::hex(digest) + "0").ok());
  CHECK_FALSE(parse_sha256(std::string(64, 'g')).ok());
}

}  // namespace
}  // namespace harvest::access
