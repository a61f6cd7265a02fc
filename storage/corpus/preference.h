#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "storage/corpus/filter.h"

namespace harvest::corpus {

/// How two answers to one prompt are told apart, over the record columns.
///
///     rule = COLUMN ( "asc" | "desc" )    of numbers: the least (asc) or the greatest is chosen, the other end
///     rejected
///          | rows                         as where.h has them: what passes is chosen, what does not is rejected
///
///     completion_tokens asc
///     teacher_id = 'large' and finish_reason = 'stop'
///
/// Owned by one thread.
class Preference {
 public:
  /// INVALID_ARGUMENT says what was found and expected; a rule that tells nothing apart is one.
  static absl::StatusOr<Preference> parse(std::string_view rule);

  /// Less is better, equal is not told apart. DATA_LOSS where the line holds no record.
  absl::StatusOr<double> standing(std::string_view line);

 private:
  explicit Preference(Filter filter) : filter_(std::move(filter)) {}
  Preference(size_t column, bool rising);

  std::optional<Filter> filter_;  ///< or, of a column:
  std::optional<Row> row_;
  size_t column_ = 0;
  bool rising_ = true;
};

}  // namespace harvest::corpus
