#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "storage/corpus/columns.h"

namespace harvest::corpus {

/// What a column holds in one line: text, int64, float64 or bool. A text is valid until the next line is read.
using Value = std::variant<std::string_view, int64_t, double, bool>;

/// Chosen columns of one line after the other, without reading the rest of it into anything. `messages` cannot be
/// chosen. A column that a line of an earlier version has not is what is written where nothing is known: "", -1, -1.0,
/// false. Keeps its parser's memory; owned by one thread.
class Row {
 public:
  /// Places in kColumns.
  explicit Row(std::vector<size_t> columns);
  Row(Row&&) noexcept;
  ~Row();

  /// DATA_LOSS where the line is no JSON object, or a chosen column has another type; what was read before is gone.
  absl::Status read(std::string_view line);
  /// Of a chosen column.
  const Value& at(size_t column) const { return values_[column]; }

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::vector<size_t> columns_;  ///< rising, each once
  std::array<Value, kColumns.size()> values_;
};

}  // namespace harvest::corpus
