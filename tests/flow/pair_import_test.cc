#include "service/flow/pair_import.h"

#include <catch2/catch.hpp>

#include "service/publish/export_gate.h"
#include "service/publish/record_renderer.h"
#include "tests/publish/store_fixture.h"

using namespace harvest;

namespace {

const std::string kFile = "sha256:" + std::string(64, 'a');

class FixedClock final : public runtime::Clock {
 public:
  std::chrono::nanoseconds now() const override { return {}; }
  int64_t utc_us() const override { return publish::kNow; }
};

struct Importing : publish::StoreFixture {
  FixedClock clock;
  flow::TeacherDirectory teachers;
  flow::Intake intake{store(), teachers, clock};
  flow::PairImport import{store(), intake, clock};

  static v1::ImportPairsRequest request() {
    v1::ImportPairsRequest request;
    request.set_dataset("maths");
    request.mutable_use()->set_purpose(v1::TRAINING);
    request.set_teacher("gpt-x");
    request.set_vendor("openai");
    request.set_submission_id("import-1");
    add(request, "four");
    return request;
  }
  static void add(v1::ImportPairsRequest& request, const std::string& text) {
    v1::ImportPairsRequest::Entry& entry = *request.add_entries();
    v1::Message& asked = *entry.mutable_prompt()->add_messages();
    asked.set_role("user");
    asked.set_content("two and two?");
    entry.mutable_message()->set_role("assistant");
    entry.mutable_message()->set_content(text);
    entry.mutable_answer()->set_endpoint(kFile);
  }
  static void state_rights(v1::ImportPairsRequest& request) {
    request.mutable_rights()->set_licence("CC-BY-4.0");
    request.mutable_rights()->add_permits(v1::TRAINING);
    request.mutable_rights()->set_evidence("its terms");
  }
  absl::StatusOr<v1::ImportPairsReply> bring(const v1::ImportPairsRequest& request) {
    return import.import(request, {.tenant = "default", .principal = "ann"});
  }
  store::Store::SequencedPair first() { return store().pairs("maths", 0, 1).at(0); }
  rights::Rule judged() {
    publish::RecordRenderer renderer(store());
    const auto pair = first();
    return publish::ExportGate(store(), "2026-11-22").judge(pair.pair, **renderer.rights(pair.pair));
  }
};

}  // namespace

TEST_CASE("an imported pair is a record that says where it is from", "[flow][import]") {
  Importing c;
  auto request = Importing::request();
  Importing::state_rights(request);
  const auto done = c.bring(request);
  REQUIRE(done.ok());
  CHECK(done->pairs() == 1);
  publish::RecordRenderer renderer(c.store());
  std::string line;
  REQUIRE(renderer.append(c.first(), line).value());
  for (const std::string words :
       {R"("teacher_id":"import:gpt-x")", R"("model_requested":"gpt-x")", R"("provider":"openai")",
        R"("endpoint_id":"import:sha256:aaaa)", R"("cost_micros":0)", R"("reused":false)",
        R"("licence_id":"CC-BY-4.0")", R"("self_attested":true)", R"("principal":"ann")", R"("content":"four")",
        R"("content":"two and two?")", R"("requested_at":"")", R"("usage_reported":false)"}) {
    CAPTURE(words, line);
    CHECK(line.find(words) != std::string::npos);
  }
  const v1::Pair pair = c.first().pair;
  CHECK(pair.imported());
  CHECK(pair.salt().size() == 32);
  CHECK(pair.commit().size() == 32);
  CHECK(c.store().find_pair(pair.record_id()).ok());
}

TEST_CASE("rights that nobody stated let nothing out", "[flow][import]") {
  Importing c;
  SECTION("unknown") {
    REQUIRE(c.bring(Importing::request()).ok());
    CHECK(c.judged() == rights::Rule::kNoRights);
  }
  SECTION("stated") {
    auto request = Importing::request();
    Importing::state_rights(request);
    REQUIRE(c.bring(request).ok());
    CHECK(c.judged() == rights::Rule::kPermitted);
  }
  SECTION("expired") {
    auto request = Importing::request();
    Importing::state_rights(request);
    request.mutable_rights()->set_expires_on("2026-11-21");
    REQUIRE(c.bring(request).ok());
    CHECK(c.judged() == rights::Rule::kRightsExpired);
  }
  SECTION("of a configured teacher of the same name") {
    c.put(c.teacher("gpt-x"));
    REQUIRE(c.bring(Importing::request()).ok());
    CHECK(c.judged() == rights::Rule::kNoRights);
  }
}

TEST_CASE("the same import again changes nothing and another one under its id is refused", "[flow][import]") {
  Importing c;
  auto request = Importing::request();
  REQUIRE(c.bring(request).ok());
  const auto again = c.bring(request);
  REQUIRE(again.ok());
  CHECK(again->pairs() == 0);
  CHECK(again->held_before() == 1);
  Importing::add(request, "five");
  CHECK(c.bring(request)->pairs() == 1);
  CHECK(c.store().dataset("maths")->pairs() == 2);
  Importing::state_rights(request);
  CHECK(c.bring(request).status().code() == absl::StatusCode::kAlreadyExists);
  CHECK(c.import.import(Importing::request(), {.tenant = "other", .principal = "bob"}).status().code() ==
        absl::StatusCode::kPermissionDenied);
}

TEST_CASE("what is no pair is refused by number and nothing of its message is held", "[flow][import]") {
  Importing c;
  auto request = Importing::request();
  Importing::add(request, "five");
  v1::ImportPairsRequest::Entry& entry = *request.mutable_entries(1);
  SECTION("nothing was asked") {
    entry.mutable_prompt()->clear_messages();
  }
  SECTION("an error for an answer") {
    entry.mutable_answer()->set_raw(R"({"error":{"message":"no"}})");
  }
  SECTION("no answer at all") {
    entry.mutable_answer()->set_raw("<html>");
  }
  SECTION("two choices") {
    entry.mutable_answer()->set_raw(R"({"choices":[{"message":{"content":"a"}},{"message":{"content":"b"}}]})");
  }
  SECTION("no file") {
    entry.mutable_answer()->set_endpoint("http://elsewhere");
  }
  SECTION("a parent of ours") {
    entry.mutable_prompt()->add_parent_record_ids("r_x");
  }
  const absl::Status status = c.bring(request).status();
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(std::string(status.message()).find("pair 2: ") != std::string::npos);
  CHECK_FALSE(c.store().dataset("maths").ok());
}

TEST_CASE("an import states its purpose and teacher and whole rights", "[flow][import]") {
  Importing c;
  auto request = Importing::request();
  SECTION("purpose") {
    request.mutable_use()->clear_purpose();
  }
  SECTION("teacher") {
    request.clear_teacher();
  }
  SECTION("teacher with a quote") {
    request.set_teacher("it's");
  }
  SECTION("dataset") {
    request.set_dataset("../up");
  }
  SECTION("id") {
    request.clear_submission_id();
  }
  SECTION("licence") {
    request.mutable_rights()->add_permits(v1::TRAINING);
  }
  SECTION("expiry") {
    Importing::state_rights(request);
    request.mutable_rights()->set_expires_on("tomorrow");
  }
  CHECK(c.bring(request).status().code() == absl::StatusCode::kInvalidArgument);
}
