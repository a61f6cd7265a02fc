#include "storage/corpus/until_rule.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/corpus/columns.h"
#include "storage/corpus/label_rules.h"

namespace harvest::corpus {
namespace {

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
  const auto members = rule.where_.members(place_of_column("labels"));
  if (!members)
    return absl::InvalidArgumentError(
        "labels: found another test than has, expected labels has 'rule' or labels has 'rule=value'");
  for (const std::string& member : *members) {
    const std::string name = member.substr(0, member.find('='));
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

bool UntilRule::is_known(const v1::PairLabels& labels) const {
  return std::all_of(awaited_.begin(), awaited_.end(), [&](const std::string& rule) {
    return std::any_of(labels.labels().begin(), labels.labels().end(),
                       [&](const v1::Label& label) { return !label.by().empty() && label.rule() == rule; });
  });
}

}  // namespace harvest::corpus
