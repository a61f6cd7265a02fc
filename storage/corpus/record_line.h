#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/corpus/canonical_json.h"
#include "storage/corpus/columns.h"

namespace harvest::corpus {

/// Writes the columns of one line in their order. Invariant: each call names the next column of columns.h and gives its
/// type, so that no column can be forgotten, doubled or mistyped; a mistake crashes the first test that writes a line.
class RecordLine {
 public:
  explicit RecordLine(std::string& out) : out_(out) { out_ += '{'; }

  void text(std::string_view column, std::string_view value) {
    key(column, ColumnType::kString);
    append_json_string(out_, value);
  }
  void integer(std::string_view column, int64_t value) {
    key(column, ColumnType::kInteger);
    append_json_integer(out_, value);
  }
  void integer(std::string_view column, uint64_t value) { integer(column, static_cast<int64_t>(value)); }
  void integer(std::string_view column, uint32_t value) { integer(column, static_cast<int64_t>(value)); }
  void boolean(std::string_view column, bool value) {
    key(column, ColumnType::kBoolean);
    out_ += value ? "true" : "false";
  }
  /// `decimal` has a point, so that readers which guess see a real number on every line.
  void real(std::string_view column, std::string_view decimal) {
    key(column, ColumnType::kReal);
    out_ += decimal;
  }
  /// The caller appends the list.
  std::string& messages(std::string_view column) {
    key(column, ColumnType::kMessages);
    return out_;
  }
  void end() {
    assert(next_ == kColumns.size());
    out_ += '}';
  }

 private:
  void key(std::string_view column, ColumnType type) {
    assert(next_ < kColumns.size() && kColumns[next_].name == column && kColumns[next_].type == type);
    (void)type;
    out_ += next_ == 0 ? "\"" : ",\"";
    out_ += column;
    out_ += "\":";
    ++next_;
  }

  std::string& out_;
  size_t next_ = 0;
};

}  // namespace harvest::corpus
