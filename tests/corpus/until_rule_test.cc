#include "storage/corpus/until_rule.h"

#include <catch2/catch.hpp>
#include <optional>

#include "storage/corpus/label_columns.h"

using namespace harvest;
using corpus::UntilRule;

namespace {

using Verdicts = std::vector<std::pair<std::string, std::string>>;

/// What a rule says of a record that bears these labels of ours and these verdicts.
std::optional<bool> accepts(const std::string& text, const std::vector<std::string>& ours, const Verdicts& brought_in) {
  const auto rule = UntilRule::parse(text);
  REQUIRE(rule.ok());
  v1::PairLabels labels;
  for (const std::string& one : ours) labels.add_labels()->set_rule(one);
  for (const auto& [rule, value] : brought_in) {
    v1::Label& label = *labels.add_labels();
    label.set_rule(rule);
    label.set_value(value);
    label.set_by("verifier");
  }
  const std::string line = R"({"finish_reason":"stop","labels":")" + corpus::label_columns(labels).labels + R"("})";
  corpus::Filter filter(rule->where());
  return rule->accepts(filter, line, labels);
}

}  // namespace

TEST_CASE("a rule of acceptance awaits the verdicts that are brought in, and none of ours", "[corpus][until]") {
  const auto rule = UntilRule::parse(
      "labels has 'tests=pass' and not labels has 'refused' or labels has 'judge' and not labels has 'tests=flaky'");
  REQUIRE(rule.ok());
  CHECK(rule->awaited() == std::vector<std::string>{"judge", "tests"});
  CHECK_FALSE(rule->asks_near_duplicates());
}

TEST_CASE("a sample is decided as soon as it hangs on no verdict that is missing", "[corpus][until]") {
  const std::string both = "not labels has 'truncated' and labels has 'tests=pass'";
  CHECK(accepts(both, {}, {}) == std::nullopt);
  CHECK(accepts(both, {"truncated"}, {}) == false);
  CHECK(accepts(both, {}, {{"judge", "good"}}) == std::nullopt);
  CHECK(accepts(both, {}, {{"tests", "pass"}}) == true);
  CHECK(accepts(both, {}, {{"tests", "fail"}}) == false);
  const std::string either = "labels has 'tests=pass' or labels has 'judge'";
  CHECK(accepts(either, {}, {{"tests", "fail"}}) == std::nullopt);
  CHECK(accepts(either, {}, {{"tests", "pass"}}) == true);
  CHECK(accepts(either, {}, {{"tests", "fail"}, {"judge", "bad"}}) == false);
  CHECK(accepts(either, {}, {{"judge", ""}}) == true);
}

TEST_CASE("that a verdict is not there yet passes nothing", "[corpus][until]") {
  CHECK(accepts("not labels has 'tests=fail'", {}, {}) == std::nullopt);
  CHECK(accepts("not labels has 'tests=fail'", {}, {{"tests", "pass"}}) == true);
  CHECK(accepts("not (labels has 'tests=fail' or labels has 'empty')", {"empty"}, {}) == false);
  CHECK(accepts("finish_reason = 'stop' or not labels has 'tests=fail'", {}, {}) == true);
}

TEST_CASE("a rule of ours alone awaits nothing", "[corpus][until]") {
  const auto rule = UntilRule::parse("finish_reason = 'stop' and not labels has 'repetition'");
  REQUIRE(rule.ok());
  CHECK(rule->awaited().empty());
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
