#include "storage/corpus/preference.h"

#include <catch2/catch.hpp>

#include "storage/corpus/profile.h"
#include "tests/corpus/pair_fixture.h"

using namespace harvest;
using namespace harvest::corpus;

namespace {

std::string refused(std::string_view rule) {
  const absl::Status status = Preference::parse(rule).status();
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

double standing(std::string_view rule, const PairFixture& pair) {
  return Preference::parse(rule)->standing(pair.line()).value();
}

}  // namespace

TEST_CASE("a preference is a column's order or a filter", "[corpus][preference]") {
  PairFixture small, large;
  large.answer.mutable_usage()->set_output_tokens(90);
  CHECK(standing("completion_tokens asc", small) < standing("completion_tokens asc", large));
  CHECK(standing("completion_tokens DESC", large) < standing("completion_tokens DESC", small));
  large.pair.set_refused(true);
  CHECK(standing("not refused and completion_tokens > 0", small) < standing("not refused", large));
}

TEST_CASE("a rule that is none says what was found and expected", "[corpus][preference]") {
  CHECK(refused("") ==
        "prefer: found \"\", expected a rule: COLUMN asc, COLUMN desc, or a filter that what is chosen passes");
  CHECK(refused("lenght asc") == "prefer: found \"lenght\", expected a column of the record");
  CHECK(refused("teacher_id asc") == "prefer: found \"teacher_id\", expected a column of numbers: it is string");
  CHECK(refused("completion_tokens upwards").find("prefer: character ") == 0);
  CHECK(Preference::parse("refused")->standing("{}").status().code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("a preference row holds one prompt and two answers", "[corpus][profile][preference]") {
  PairFixture chosen, rejected;
  rejected.message.set_content("5");
  rejected.pair.set_record_id("r_01JD0000000000000000000002");
  std::string row;
  REQUIRE(append_preference(row, chosen.facts(), rejected.facts()));
  CHECK(row == R"({"record_id":"r_01JD0000000000000000000001","prompt":[)"
               R"({"role":"system","content":"Be brief.","reasoning_content":""},)"
               R"({"role":"user","content":"2+2?","reasoning_content":""}],)"
               R"("chosen":[{"role":"assistant","content":"4","reasoning_content":""}],)"
               R"("rejected":[{"role":"assistant","content":"5","reasoning_content":""}],"tools":"[]",)"
               R"("rejected_record_id":"r_01JD0000000000000000000002"})");
  std::string id;
  CHECK(check_row(Profile::kPreference, row, id).empty());
  CHECK(id == chosen.pair.record_id());
  CHECK(record_id_of(Profile::kPreference, row) == id);
}

TEST_CASE("soft labels are rectangles of what the teacher's token ids name", "[corpus][profile][soft-labels]") {
  PairFixture pair;
  std::string row;
  CHECK_FALSE(append_row(row, Profile::kSoftLabels, pair.facts()));  // none at all
  v1::SoftLabels& labels = *pair.answer.add_soft_labels();
  labels.set_tokenizer("Qwen/Qwen2.5-7B-Instruct");
  for (const int token : {19, 20, 2}) {
    labels.add_token_ids(token);
    labels.add_alternatives(token == 2 ? 3 : 2);
    for (const float logprob : {-2.5f, -0.1f}) {
      labels.add_alternative_logprobs(logprob);
      labels.add_alternative_ids(token + (logprob < -1 ? 100 : 0));
    }
  }
  labels.add_alternative_logprobs(-1);
  labels.add_alternative_ids(7);
  REQUIRE(append_row(row, Profile::kSoftLabels, pair.facts()));
  CHECK(row.substr(row.find(",\"tools\"")) ==
        R"(,"tools":"[]","tokenizer_id":"Qwen/Qwen2.5-7B-Instruct",)"
        R"("logprobs":[[-0.1,-2.5],[-0.1,-2.5],[-0.1,-1.0]],"target_token_ids":[[19,119],[20,120],[2,7]],)"
        R"("input_ids":[19,20,2],"token_ids":[[20,120],[2,7]],"top_values":[[-0.1,-2.5],[-0.1,-1.0]]})");
  std::string id;
  CHECK(check_row(Profile::kSoftLabels, row, id).empty());
  row.clear();
  labels.set_alternatives(1, 0);  // a token without alternatives
  CHECK_FALSE(append_row(row, Profile::kSoftLabels, pair.facts()));
  labels.clear_token_ids();
  CHECK_FALSE(append_row(row, Profile::kSoftLabels, pair.facts()));
  CHECK(row.empty());
}

TEST_CASE("soft labels may be Parquet, a preference may not", "[corpus][profile]") {
  CHECK(check_format(Profile::kSoftLabels, ShardFormat::kParquet).ok());
  CHECK_FALSE(check_format(Profile::kPreference, ShardFormat::kParquet).ok());
}
