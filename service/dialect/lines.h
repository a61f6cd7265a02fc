#pragma once

#include <string_view>

namespace harvest::dialect {

/// Takes an application/x-ndjson body apart: one JSON value a line; blank lines are passed over. A last line without
/// its line feed still counts; whether it is whole is for its reader to say.
class LineSplitter {
 public:
  explicit LineSplitter(std::string_view body) : body_(body) {}
  bool next(std::string_view& line);
  size_t offset() const { return offset_; }

 private:
  std::string_view body_;
  size_t offset_ = 0;
};

}  // namespace harvest::dialect
