#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "storage/corpus/row.h"
#include "storage/corpus/where.h"

namespace harvest::corpus {

/// A filter at work: asks one line after the other. Owned by one thread.
class Filter {
 public:
  explicit Filter(Where where) : where_(std::move(where)), row_(where_.columns()) {}
  /// As Where::parse().
  static absl::StatusOr<Filter> parse(std::string_view text) {
    auto where = Where::parse(text);
    if (!where.ok()) return where.status();
    return Filter(*std::move(where));
  }

  /// Whether every line passes, unread.
  bool all() const { return where_.all(); }
  /// DATA_LOSS where the line holds no record.
  absl::StatusOr<bool> passes(std::string_view line) {
    if (all()) return true;
    const absl::Status read = row_.read(line);
    if (!read.ok()) return read;
    return where_.admits(row_);
  }
  /// As Where::decides(). A line that holds no record does not pass, whatever is said later.
  std::optional<bool> decides(std::string_view line, size_t column,
                              absl::FunctionRef<bool(const std::string& member)> is_open) {
    if (!row_.read(line).ok()) return false;
    return where_.decides(row_, column, is_open);
  }
  /// A line that holds no record does not pass.
  bool admits(std::string_view line) { return passes(line).value_or(false); }

 private:
  Where where_;
  Row row_;  ///< what the filter asks about
};

}  // namespace harvest::corpus
