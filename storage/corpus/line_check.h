#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace harvest::corpus {

/// Checks that a shard's line carries every column in its type, and reads out what shards are listed by. A line of an
/// earlier version has the columns of that version, which are the first ones of today's. Keeps its parser's memory from
/// line to line; owned by one thread.
class LineCheck {
 public:
  LineCheck();
  ~LineCheck();

  /// What is wrong with the line, each in words; empty where all is well.
  std::vector<std::string> check(std::string_view line);

  // ---- of the last checked line; empty or 0 where it had none ----
  const std::string& record_id() const { return record_id_; }
  const std::string& teacher_id() const { return teacher_id_; }
  const std::string& licence_id() const { return licence_id_; }
  const std::string& prompt_source_id() const { return prompt_source_id_; }
  int64_t sequence() const { return sequence_; }
  /// How many columns the version had that it was checked against.
  size_t columns() const { return columns_; }

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::string record_id_, teacher_id_, licence_id_, prompt_source_id_;
  int64_t sequence_ = 0;
  size_t columns_ = 0;
};

}  // namespace harvest::corpus
