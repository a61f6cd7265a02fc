#include "storage/corpus/until_rule.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/corpus/columns.h"
#include "storage/corpus/label_rules.h"

namespace harvest::corpus {
namespace {

constexpr std::string_view kLabels = "labels";

/// Of `rule` or `rule=value`.
std::string_view rule_of(std::string_view member) {
  return member.substr(0, member.find('='));
}

size_t place_of_column(std::string_view name) {
  const auto column =
      std::find_if(kColumns.begin(), kColumns.end(), [&](const Column& one) { return one.name == name; });
  return static_cast<size_t>(column - kColumns.begin());
}

}  // namespace

absl::StatusOr<UntilRule> UntilRule::parse(std::string_view text) {
  UntilRule rule;
  auto where = Where::parse(text);
  if (!where.ok()) return where.status();
  if (where->all()) return absl::InvalidArgumentError("found a filter that passes everything, expected one that asks");
  rule.where_ = *std::move(where);
  const auto members = rule.where_.members(place_of_column(kLabels));
  if (!members)
    return absl::InvalidArgumentError(
        "labels: found another test than has, expected labels has 'rule' or labels has 'rule=value'");
  for (const std::string& member : *members) {
    const std::string name(rule_of(member));
    if (name == kNearDuplicate) rule.asks_near_duplicates_ = true;
    if (version_of_rule(name) > 0) continue;
    if (!is_rule_name(name))
      return absl::InvalidArgumentError(
          absl::StrCat("labels: found '", member, "', expected a rule's name of 1 to 64 of a-z, 0-9, _, . and -"));
    rule.awaited_.push_back(name);
  }
  std::sort(rule.awaited_.begin(), rule.awaited_.end());
  rule.awaited_.erase(std::unique(rule.awaited_.begin(), rule.awaited_.end()), rule.awaited_.end());
  const auto columns = rule.where_.columns();
  if (std::find(columns.begin(), columns.end(), place_of_column("near_dup_cluster")) != columns.end())
    rule.asks_near_duplicates_ = true;
  return rule;
}

std::optional<bool> UntilRule::accepts(Filter& filter, std::string_view line, const v1::PairLabels& labels) const {
  return filter.decides(line, place_of_column(kLabels), [&](const std::string& member) {
    const std::string_view rule = rule_of(member);
    if (version_of_rule(rule) > 0) return false;
    return std::none_of(labels.labels().begin(), labels.labels().end(),
                        [&](const v1::Label& label) { return !label.by().empty() && label.rule() == rule; });
  });
}

}  // namespace harvest::corpus
