#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace harvest::ctl {

/// A table for people on a terminal (aligned columns), and for other programs plain lines: the same cells with tabs
/// between them, names first. Cells are made safe here: what a teacher or user said cannot move the cursor or add a
/// cell.
class Table {
 public:
  explicit Table(std::vector<std::string> names) { rows_.push_back(std::move(names)); }
  /// As many cells as there are names.
  void add(std::vector<std::string> cells);
  void print(FILE* out, bool for_terminal) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace harvest::ctl
