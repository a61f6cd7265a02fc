#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/answer.pb.h"
#include "storage/corpus/filter.h"
#include "storage/corpus/where.h"

namespace harvest::corpus {

/// When a sample is accepted, so that no further one is asked: a filter over its record (Job.until). It may ask
/// `labels has 'rule'` or `labels has 'rule=value'` also of rules that are none of ours: their verdicts are brought in,
/// and until there is one of a rule, what is asked of it is neither so nor not so. A sample is decided as soon as it no
/// longer hangs on what is missing: one that was cut off fails `not labels has 'truncated' and labels has 'tests=pass'`
/// untested.
///
/// Immutable; may be shared by threads.
class UntilRule {
 public:
  /// INVALID_ARGUMENT: no filter, one that passes everything, or one that asks about `labels` otherwise than by `has`,
  /// of which nobody could say when it is known.
  static absl::StatusOr<UntilRule> parse(std::string_view text);

  const Where& where() const { return where_; }
  /// Rules whose verdicts are brought in, sorted.
  const std::vector<std::string>& awaited() const { return awaited_; }
  /// Is the sample accepted? Nothing while that hangs on a verdict that is not there. `filter`: of where(), at work;
  /// `line`: the record, `labels`: all that it bears.
  std::optional<bool> accepts(Filter& filter, std::string_view line, const v1::PairLabels& labels) const;
  /// Does it ask whether an answer is nearly another one's?
  bool asks_near_duplicates() const { return asks_near_duplicates_; }

 private:
  Where where_;
  std::vector<std::string> awaited_;
  bool asks_near_duplicates_ = false;
};

}  // namespace harvest::corpus
