#include "storage/corpus/until_rule.h"

#include <catch2/catch.hpp>

using namespace harvest;
using corpus::UntilRule;

namespace {

v1::PairLabels labelled(const std::vector<std::pair<std::string, std::string>>& brought_in) {
  v1::PairLabels labels;
  labels.add_labels()->set_rule("refused");
  for (const auto& [rule, value] : brought_in) {
    v1::Label& label = *labels.add_labels();
    label.set_rule(rule);
    label.set_value(value);
    label.set_by("verifier");
  }
  return labels;
}

}  // namespace

TEST_CASE("a rule of acceptance awaits the verdicts that are brought in, and none of ours", "[corpus][until]") {
  const auto rule = UntilRule::parse(
      "labels has 'tests=pass' and not labels has 'refused' or labels has 'judge' and not labels has 'tests=flaky'");
  REQUIRE(rule.ok());
  CHECK(rule->awaited() == std::vector<std::string>{"judge", "tests"});
  CHECK_FALSE(rule->asks_near_duplicates());
  CHECK_FALSE(rule->is_known(labelled({})));
  CHECK_FALSE(rule->is_known(labelled({{"judge", ""}})));
  CHECK(rule->is_known(labelled({{"judge", "bad"}, {"tests", "fail"}})));
}

TEST_CASE("a rule of ours alone awaits nothing", "[corpus][until]") {
  const auto rule = UntilRule::parse("finish_reason = 'stop' and not labels has 'repetition'");
  REQUIRE(rule.ok());
  CHECK(rule->awaited().empty());
  CHECK(rule->is_known(v1::PairLabels()));
}

TEST_CASE("a rule that asks for near-duplicates says so", "[corpus][until]") {
  CHECK(UntilRule::parse("near_dup_cluster = ''")->asks_near_duplicates());
  CHECK(UntilRule::parse("not labels has 'near_duplicate'")->asks_near_duplicates());
}

TEST_CASE("what cannot be a rule of acceptance is refused", "[corpus][until]") {
  const auto says = [](const std::string& text, const std::string& words) {
    const absl::Status status = UntilRule::parse(text).status();
    INFO(status);
    return absl::IsInvalidArgument(status) && std::string(status.message()).find(words) != std::string::npos;
  };
  CHECK(says("  ", "passes everything"));
  CHECK(says("colour = 'red'", "colour"));
  CHECK(says("labels like '%pass%'", "labels: found another test than has"));
  CHECK(says("labels = ''", "labels: found another test than has"));
  CHECK(says("labels has 'My Rule'", "found 'My Rule'"));
}
