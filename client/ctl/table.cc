#include "client/ctl/table.h"

#include <algorithm>
#include <cassert>

#include "client/cpp/terminal_text.h"

namespace harvest::ctl {

void Table::add(std::vector<std::string> cells) {
  assert(cells.size() == rows_[0].size());
  for (std::string& cell : cells) {
    cell = client::safe_text(cell);
  }
  rows_.push_back(std::move(cells));
}

void Table::print(FILE* out, bool for_terminal) const {
  std::vector<size_t> widths(rows_[0].size());
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], client::columns_of(row[i]));
    }
  }
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) {
        line += for_terminal ? std::string(widths[i] - client::columns_of(row[i]) + 2, ' ') : "\t";
      }
    }
    std::fprintf(out, "%s\n", line.c_str());
  }
}

}  // namespace harvest::ctl
