#pragma once

#include <string>

#include "harvest/v1/answer.pb.h"
#include "service/quality/labels/benchmark_list.h"
#include "service/quality/labels/judged.h"
#include "service/quality/labels/schema_check.h"

namespace harvest::quality {

/// Start here. Applies every rule of storage/corpus/label_rules.h but near_duplicate to one pair. The same pair under
/// the same rules gets the same labels. Nothing is kept of pairs; any thread, many at once. Some tens of microseconds
/// of CPU for an answer of 1.5 KB.
class Labeller {
 public:
  /// `near_duplicates`: rule near_duplicate is among the rules. It is judged elsewhere
  /// (service/quality/near_duplicates): what it compares is more than one pair.
  explicit Labeller(BenchmarkList benchmarks, bool near_duplicates = true);

  v1::PairLabels label(const Judged& judged) const;
  /// All rules with their versions, benchmarks and what they hold included: a dataset that was labelled by another text
  /// is labelled anew.
  const std::string& rules() const { return rules_; }
  bool near_duplicates() const { return near_duplicates_; }

 private:
  BenchmarkList benchmarks_;
  SchemaCheck schemas_;
  bool near_duplicates_;
  std::string rules_;
};

}  // namespace harvest::quality
