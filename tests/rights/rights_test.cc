#include "service/rights/rights.h"

#include <catch2/catch.hpp>
#include <string>

using namespace harvest;
using rights::judge;
using rights::Rule;

namespace {

constexpr std::string_view kToday = "2026-11-22";

v1::Teacher teacher_with(std::initializer_list<v1::Purpose> permits) {
  v1::Teacher teacher;
  teacher.set_name("qwen");
  teacher.mutable_rights()->set_licence("Apache-2.0");
  for (v1::Purpose purpose : permits) teacher.mutable_rights()->add_permits(purpose);
  return teacher;
}

v1::Use use_for(v1::Purpose purpose) {
  v1::Use use;
  use.set_purpose(purpose);
  return use;
}

bool says(const absl::Status& status, std::string_view text) {
  return std::string(status.message()).find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a permitted purpose may be asked and exported", "[rights]") {
  const v1::Teacher teacher = teacher_with({v1::TRAINING, v1::EVALUATION});
  CHECK(rights::may_ask(teacher, use_for(v1::TRAINING), kToday).ok());
  CHECK(rights::may_export(teacher, use_for(v1::EVALUATION), kToday).ok());
}

TEST_CASE("a teacher without rights is refused", "[rights]") {
  v1::Teacher teacher;
  teacher.set_name("qwen");
  const absl::Status status = rights::may_ask(teacher, use_for(v1::TRAINING), kToday);
  CHECK(status.code() == absl::StatusCode::kPermissionDenied);
  CHECK(says(status, "qwen has no rights record"));
}

TEST_CASE("a purpose that is not stated is refused and the permitted ones are named", "[rights]") {
  const absl::Status status = rights::may_ask(teacher_with({v1::EVALUATION}), v1::Use(), kToday);
  CHECK(status.code() == absl::StatusCode::kPermissionDenied);
  CHECK(says(status, "states no purpose"));
  CHECK(says(status, "evaluation"));
}

TEST_CASE("a purpose that is not permitted is refused with teacher and licence and both purposes", "[rights]") {
  const absl::Status status = rights::may_ask(teacher_with({v1::EVALUATION}), use_for(v1::TRAINING), kToday);
  CHECK(status.code() == absl::StatusCode::kPermissionDenied);
  for (std::string_view part : {"qwen", "Apache-2.0", "permits evaluation", "asked for training"})
    CHECK(says(status, part));
}

TEST_CASE("a licence that permits nothing says so", "[rights]") {
  CHECK(says(rights::may_ask(teacher_with({}), use_for(v1::TRAINING), kToday), "permits nothing"));
}

TEST_CASE("rights hold through their last day and not a day longer", "[rights]") {
  v1::Teacher teacher = teacher_with({v1::TRAINING});
  teacher.mutable_rights()->set_expires_on("2026-11-22");
  CHECK(judge(teacher.rights(), use_for(v1::TRAINING), "2026-11-22") == Rule::kPermitted);
  CHECK(judge(teacher.rights(), use_for(v1::TRAINING), "2026-11-23") == Rule::kRightsExpired);
  const absl::Status status = rights::may_export(teacher, use_for(v1::TRAINING), "2026-11-23");
  CHECK(says(status, "ended with 2026-11-22"));
  CHECK(says(status, "today is 2026-11-23"));
}

TEST_CASE("an expiry that is no date refuses", "[rights]") {
  v1::Teacher teacher = teacher_with({v1::TRAINING});
  teacher.mutable_rights()->set_expires_on("soon");
  CHECK(says(rights::may_ask(teacher, use_for(v1::TRAINING), kToday), "expected YYYY-MM-DD"));
}

TEST_CASE("conditions narrow uses that compete or are distributed and no others", "[rights]") {
  v1::Teacher teacher = teacher_with({v1::TRAINING});
  v1::Use competing = use_for(v1::TRAINING), distributed = use_for(v1::TRAINING);
  competing.set_competes(true);
  distributed.set_distributed(true);
  SECTION("without conditions both are permitted") {
    CHECK(judge(teacher.rights(), competing, kToday) == Rule::kPermitted);
    CHECK(judge(teacher.rights(), distributed, kToday) == Rule::kPermitted);
  }
  SECTION("no-competing refuses the competing one only") {
    teacher.mutable_rights()->add_conditions("no-competing");
    CHECK(judge(teacher.rights(), competing, kToday) == Rule::kCompetingNotPermitted);
    CHECK(judge(teacher.rights(), distributed, kToday) == Rule::kPermitted);
    CHECK(says(rights::may_ask(teacher, competing, kToday), "no-competing"));
  }
  SECTION("no-distribution refuses the distributed one only") {
    teacher.mutable_rights()->add_conditions("no-distribution");
    CHECK(judge(teacher.rights(), competing, kToday) == Rule::kPermitted);
    CHECK(judge(teacher.rights(), distributed, kToday) == Rule::kDistributionNotPermitted);
  }
  SECTION("a condition that only a person can judge refuses both") {
    teacher.mutable_rights()->add_conditions("under 700 million monthly users");
    CHECK(judge(teacher.rights(), competing, kToday) == Rule::kCompetingNotPermitted);
    CHECK(judge(teacher.rights(), distributed, kToday) == Rule::kDistributionNotPermitted);
    CHECK(judge(teacher.rights(), use_for(v1::TRAINING), kToday) == Rule::kPermitted);
  }
}

TEST_CASE("obligations never refuse", "[rights]") {
  v1::Teacher teacher = teacher_with({v1::TRAINING});
  teacher.mutable_rights()->add_obligations("name-prefix:Llama");
  v1::Use use = use_for(v1::TRAINING);
  use.set_distributed(true);
  CHECK(judge(teacher.rights(), use, kToday) == Rule::kPermitted);
}

TEST_CASE("every rule has a name of its own", "[rights]") {
  CHECK(rights::rule_name(Rule::kRightsExpired) == "rights_expired");
  CHECK(rights::rule_name(Rule::kPurposeNotPermitted) == "purpose_not_permitted");
  CHECK(rights::rule_name(Rule::kNoRights) == "rights_missing");
}
