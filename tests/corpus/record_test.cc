#include "storage/corpus/record.h"

#include <simdjson.h>
#include <catch2/catch.hpp>

#include "storage/corpus/columns.h"
#include "storage/corpus/commitment.h"
#include "tests/corpus/pair_fixture.h"

using namespace harvest;
using namespace harvest::corpus;

namespace {

/// The parsed line; fails the case where it is not JSON.
class Line {
 public:
  explicit Line(const std::string& json) : root_(parser_.parse(json)) {}
  std::string text(std::string_view column) { return std::string(std::string_view(root_[column])); }
  int64_t integer(std::string_view column) { return int64_t(root_[column]); }
  bool boolean(std::string_view column) { return bool(root_[column]); }
  simdjson::dom::object object() { return root_; }
  simdjson::dom::array messages() { return root_["messages"]; }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

}  // namespace

TEST_CASE("a record has every column in its order and type and no null", "[corpus]") {
  Line line(PairFixture().line());
  size_t at = 0;
  for (const auto field : line.object()) {
    REQUIRE(at < kColumns.size());
    CHECK(field.key == kColumns[at].name);
    CHECK_FALSE(field.value.is_null());
    ++at;
  }
  CHECK(at == kColumns.size());
}

TEST_CASE("a record says what was asked and answered and under which rights", "[corpus]") {
  Line line(PairFixture().line());
  CHECK(line.text("record_id") == "r_01JD0000000000000000000001");
  CHECK(line.integer("sequence") == 5);
  CHECK(line.text("prompt_id") == "j_01JD0000000000000000000000/3");
  CHECK(line.text("custom_id") == "line-7");
  CHECK(line.integer("sample_index") == 1);
  CHECK(line.text("teacher_id") == "qwen");
  CHECK(line.text("params_json") == R"({"max_output_tokens":64,"seed":11,"temperature":0.5})");
  CHECK(line.integer("seed") == 11);
  CHECK(line.text("finish_reason") == "stop");
  CHECK(line.integer("prompt_tokens") == 12);
  CHECK(line.integer("cost_micros") == 3);
  CHECK(line.text("requested_at") == "2025-11-22T05:40:00.000000Z");
  CHECK(line.text("completed_at") == "2025-11-22T05:40:00.250000Z");
  CHECK(line.text("licence_id") == "Apache-2.0");
  CHECK(line.text("purposes") == "evaluation|training");
  CHECK(line.text("obligations") == "name-prefix:Qwen");
  CHECK(line.integer("rights_version") == 2);
  CHECK(line.boolean("self_attested"));
  CHECK(line.text("prompt_source_id") == "sums");
  CHECK(line.text("prompt_licence_id") == "CC-BY-4.0");
  CHECK(line.text("customer_id") == "c_12");
  CHECK(line.text("use_purpose") == "training");
  CHECK(line.text("use_student") == "small-1");
  CHECK(line.text("record_commit") == "sha256:" + std::string(64, '0').replace(0, 64, [] {
    std::string twos;
    for (int i = 0; i < 32; ++i) twos += "02";
    return twos;
  }()));
  CHECK(line.integer("log_index") == -1);
  CHECK(line.integer("schema_valid") == -1);
}

TEST_CASE("messages carry six strings each and end with the answer", "[corpus]") {
  PairFixture pair;
  pair.message.set_reasoning_content("two and two");
  pair.message.set_tool_calls_json(R"([{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}])");
  Line line(pair.line());
  std::vector<std::string> roles;
  for (const auto message : line.messages()) {
    size_t at = 0;
    for (const auto field : simdjson::dom::object(message)) {
      CHECK(field.key == kMessageFields[at++]);
      CHECK(field.value.is_string());
    }
    CHECK(at == kMessageFields.size());
    roles.emplace_back(std::string_view(message["role"]));
  }
  CHECK(roles == std::vector<std::string>{"system", "user", "assistant"});
}

TEST_CASE("content given as parts stands as their JSON string", "[corpus]") {
  PairFixture pair;
  pair.prompt.mutable_messages(1)->clear_content();
  pair.prompt.mutable_messages(1)->set_parts_json(R"([{"type":"text","text":"2+2?"}])");
  Line line(pair.line());
  CHECK(std::string_view(line.messages().at(1)["content"]) == R"([{"type":"text","text":"2+2?"}])");
}

TEST_CASE("a record with nothing known still has every column", "[corpus]") {
  PairFixture pair;
  pair.prompt.Clear();
  pair.sampling.Clear();
  pair.pair.Clear();
  pair.answer.Clear();
  pair.message.Clear();
  pair.rights.Clear();
  Line line(pair.line());
  CHECK(line.object().size() == kColumns.size());
  CHECK(line.integer("seed") == -1);
  CHECK(line.text("requested_at").empty());
  CHECK(line.text("purposes").empty());
  CHECK(line.text("record_commit").empty());
}

TEST_CASE("a commitment can be checked from the line and the salt alone", "[corpus]") {
  PairFixture pair;
  const Digest committed =
      commit(pair.pair.salt(), pair.prompt.messages(), pair.message, pair.pair.record_id(), "qwen");
  pair.pair.set_commit(std::string(committed.begin(), committed.end()));
  Line line(pair.line());
  v1::Prompt messages;
  for (const auto message : line.messages()) {
    v1::Message* read = messages.add_messages();
    read->set_role(std::string(std::string_view(message["role"])));
    read->set_content(std::string(std::string_view(message["content"])));
  }
  const v1::Message answer = messages.messages(messages.messages_size() - 1);
  messages.mutable_messages()->RemoveLast();
  CHECK(line.text("record_commit") ==
        tagged(commit(pair.pair.salt(), messages.messages(), answer, line.text("record_id"), line.text("teacher_id"))));
}

TEST_CASE("costs are rounded to the nearest microdollar", "[corpus]") {
  CHECK(microdollars(499'999) == 0);
  CHECK(microdollars(500'000) == 1);
  CHECK(microdollars(1'499'999) == 1);
  CHECK(microdollars(-500'000) == -1);
}

TEST_CASE("pairs of one answer share what it cost and know that they do", "[corpus]") {
  PairFixture fixture;
  fixture.answer.set_cost_picodollars(10'000'000);
  fixture.answer.set_samples(3);
  fixture.answer_samples = 3;
  fixture.answer.add_soft_labels()->add_tokens("4");
  fixture.answer.add_soft_labels()->add_tokens("4");
  fixture.answer.mutable_soft_labels(1)->add_token_ids(19);
  fixture.answer.mutable_soft_labels(1)->set_tokenizer("a-tokenizer");
  const std::string kinds[] = {"text", "ids", ""};
  int64_t sum = 0;
  for (uint32_t choice = 0; choice < 3; ++choice) {
    fixture.pair.set_choice(choice);
    Line line(fixture.line());
    CHECK(line.integer("answer_samples") == 3);
    CHECK(line.text("logprobs_kind") == kinds[choice]);
    CHECK(line.text("tokenizer_id") == (choice == 1 ? "a-tokenizer" : ""));
    sum += line.integer("cost_micros");
  }
  CHECK(sum == 10);
  Line alone(PairFixture().line());
  CHECK(alone.integer("answer_samples") == 1);
  CHECK(alone.text("logprobs_kind").empty());
}

TEST_CASE("shares sum up to the whole and differ by one at most", "[corpus]") {
  for (int64_t whole : {0, 1, 2, 100, 1'000'003}) {
    int64_t sum = 0;
    for (uint32_t i = 0; i < 7; ++i) {
      const int64_t share = share_of(whole, i, 7);
      CHECK((share == whole / 7 || share == whole / 7 + 1));
      sum += share;
    }
    CHECK(sum == whole);
  }
}

TEST_CASE("a record names the epoch of its teacher and minus one where none was watched", "[corpus]") {
  PairFixture fixture;
  CHECK(Line(fixture.line()).integer("teacher_epoch") == -1);
  fixture.answer.set_teacher_epoch(2);
  CHECK(Line(fixture.line()).integer("teacher_epoch") == 2);
}

TEST_CASE("labels fill their columns, and no commitment depends on them", "[corpus]") {
  PairFixture fixture;
  CHECK(Line(fixture.line()).text("labels").empty());
  CHECK(Line(fixture.line()).integer("schema_valid") == -1);
  v1::PairLabels labels;
  const auto add = [&](const std::string& rule, const std::string& value, const std::string& by) {
    v1::Label& label = *labels.add_labels();
    label.set_rule(rule);
    label.set_value(value);
    label.set_by(by);
  };
  add("contaminated", "gsm8k|mmlu", "");
  add("language", "en", "");
  add("personal_data", "email|phone", "");
  add("personal_data_in_prompt", "iban", "");
  add("schema_invalid", "", "");
  add("truncated", "", "");
  add("checked", "", "local:ana");
  add("language", "fr", "local:ana");
  RecordFacts facts = fixture.facts();
  facts.labels = &labels;
  facts.label_rules = "empty/1,truncated/1";
  std::string out;
  append_record(out, facts);
  Line line(out);
  CHECK(line.text("lang") == "en");
  CHECK(line.text("pii_flags") == "email|phone|prompt:iban");
  CHECK(line.text("decontam_flags") == "gsm8k|mmlu");
  CHECK(line.integer("schema_valid") == 0);
  CHECK(line.text("labels") ==
        "checked|contaminated|language=fr|personal_data|personal_data_in_prompt|schema_invalid|truncated");
  CHECK(line.text("label_rules") == "empty/1,truncated/1");
  CHECK(line.text("record_commit") == Line(fixture.line()).text("record_commit"));
}

TEST_CASE("the schema hash is that of this column list and earlier lists are known by theirs", "[corpus]") {
  // A change here is a change of what trainers read: columns are only added, at the end.
  CHECK(schema_sha256() == "dd8e50891c55fab52e6f1af828526743aec23d5f3e7c7cb0c6a7fe30d4d75841");
  CHECK(columns_of(schema_sha256()) == kColumns.size());
  CHECK(columns_of("0b2ef8f96407cd5780ef556009d665227a0311cef9acf3bce341865c953795b4") == 67);
  CHECK(columns_of("7a90de564f91821b5f8e0d44f0c30e34061605c1e5bd7aea44335dbfa56b6ea1") == 66);
  CHECK_FALSE(columns_of("00"));
}
