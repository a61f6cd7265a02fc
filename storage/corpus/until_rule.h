#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/answer.pb.h"
#include "storage/corpus/where.h"

namespace harvest::corpus {

/// When a sample is accepted, so that no further one is asked: a filter over its record (Job.until). It may ask
/// `labels has 'rule'` or `labels has 'rule=value'` also of rules that are none of ours: their verdicts are brought in,
/// and a sample that does not pass is only given up once it has one of each.
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
  /// Has everything been said of a pair with these labels that its not passing may hang on?
  bool is_known(const v1::PairLabels& labels) const;
  /// Does it ask whether an answer is nearly another one's?
  bool asks_near_duplicates() const { return asks_near_duplicates_; }

 private:
  Where where_;
  std::vector<std::string> awaited_;
  bool asks_near_duplicates_ = false;
};

}  // namespace harvest::corpus
