#include <catch2/catch.hpp>

#include "rig.h"

namespace harvest::store::test {
namespace {

v1::PairLabels labelled(const std::string& rule, const std::string& by = "") {
  v1::PairLabels labels;
  v1::Label& label = *labels.add_labels();
  label.set_rule(rule);
  label.set_by(by);
  return labels;
}

/// "truncated,good" of each pair that has a row.
std::vector<std::string> told(Rig& rig) {
  std::vector<std::string> all;
  for (const Store::SequencedLabels& row : rig->labels(rig->dataset("d")->number(), 0, 100)) {
    std::string rules = std::to_string(row.sequence) + ":";
    for (const v1::Label& label : row.labels.labels()) rules += label.rule() + (label.by().empty() ? " " : "* ");
    all.push_back(rules);
  }
  return all;
}

struct Labelled : Rig {
  Labelled() {
    open();
    const uint64_t number = job(4);
    for (uint64_t i = 0; i < 4; ++i) must(settle(asked(number, i)));
  }
  std::vector<std::string> all() { return told(*this); }
};

}  // namespace

TEST_CASE("labels and the cursor of their dataset move together, over a restart and over a crash", "[store][labels]") {
  Labelled rig;
  CHECK(rig.all().empty());
  CHECK(rig->dataset("d")->labelled() == 0);
  rig.must(PutLabels{"d", "a/1", 0, {labelled("empty"), {}}});
  rig.must(PutLabels{"d", "a/1", 2, {labelled("truncated")}});
  SECTION("as it stands") {}
  SECTION("after a clean end") {
    rig.close();
    rig.open();
  }
  SECTION("after a crash") {
    rig.crash();
    rig.open();
  }
  CHECK(rig.all() == std::vector<std::string>{"0:empty ", "1:", "2:truncated "});
  CHECK(rig->dataset("d")->labelled() == 3);
  CHECK(rig->label_cursor(rig->dataset("d")->number()).rules == "a/1");
  CHECK(rig->label_cursor(rig->dataset("d")->number()).labelled == 3);
}

TEST_CASE("labels come one after the other and no further than the pairs", "[store][labels]") {
  Labelled rig;
  CHECK(rig.fails(PutLabels{"d", "a/1", 1, {{}}}).code() == absl::StatusCode::kFailedPrecondition);
  CHECK(rig.fails(PutLabels{"d", "a/1", 0, std::vector<v1::PairLabels>(5)}).code() ==
        absl::StatusCode::kFailedPrecondition);
  CHECK(rig.fails(PutLabels{"none", "a/1", 0, {{}}}).code() == absl::StatusCode::kNotFound);
  CHECK(rig.all().empty());
}

TEST_CASE("other rules begin at the first pair, and what was brought in stays", "[store][labels]") {
  Labelled rig;
  rig.must(PutLabels{"d", "a/1", 0, {labelled("empty"), labelled("empty"), labelled("empty")}});
  rig.must(PutImportedLabels{"d", {{1, labelled("good", "local:ana")}, {3, labelled("bad", "local:ana")}}});
  CHECK(rig.all() == std::vector<std::string>{"0:empty ", "1:empty good* ", "2:empty ", "3:bad* "});
  CHECK(rig.fails(PutLabels{"d", "a/2", 3, {{}}}).code() == absl::StatusCode::kFailedPrecondition);
  rig.must(PutLabels{"d", "a/2", 0, {{}, labelled("truncated")}});
  CHECK(rig->dataset("d")->labelled() == 2);
  CHECK(rig->dataset("d")->label_rules() == "a/2");
  CHECK(rig.all() == std::vector<std::string>{"0:", "1:truncated good* ", "2:empty ", "3:bad* "});
  CHECK(rig->imported_labels(rig->dataset("d")->number(), 1).labels(0).rule() == "good");
  CHECK(rig->imported_labels(rig->dataset("d")->number(), 2).labels().empty());
  CHECK(rig.fails(PutImportedLabels{"d", {{4, {}}}}).code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("a pair is found in its dataset and in no other", "[store][labels]") {
  Labelled rig;
  const uint64_t number = rig.job(1);
  rig.must(rig.settle(rig.asked(number, 0), "an answer", "other"));
  const std::string id = rig->pairs("d", 2, 1).at(0).pair.record_id();
  const auto found = rig->find_pair("d", id);
  REQUIRE(found.ok());
  CHECK(found->sequence == 2);
  CHECK(found->dataset == rig->dataset("d")->number());
  CHECK(rig->find_pair("other", id).status().code() == absl::StatusCode::kNotFound);
  CHECK(rig->find_pair("none", id).status().code() == absl::StatusCode::kNotFound);
  CHECK(rig->find_pair("d", "nonsense").status().code() == absl::StatusCode::kInvalidArgument);
}

}  // namespace harvest::store::test
