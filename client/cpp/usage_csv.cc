#include "client/cpp/usage_csv.h"

#include <csv.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cpp/decimal_amount.h"
#include "proto/text/mistake.h"
#include "proto/text/time.h"

namespace harvest::client {
namespace {

enum class Column { kDay, kModel, kCost, kInputTokens, kOutputTokens };

constexpr std::pair<std::string_view, Column> kColumns[] = {{"day", Column::kDay},
                                                            {"date", Column::kDay},
                                                            {"model", Column::kModel},
                                                            {"cost", Column::kCost},
                                                            {"usd", Column::kCost},
                                                            {"cost_usd", Column::kCost},
                                                            {"input_tokens", Column::kInputTokens},
                                                            {"output_tokens", Column::kOutputTokens}};

absl::StatusOr<int64_t> count_of(const std::string& written) {
  int64_t count = 0;
  const auto [stop, error] = std::from_chars(written.data(), written.data() + written.size(), count);
  if (error == std::errc() && stop == written.data() + written.size() && count >= 0) return count;
  return absl::InvalidArgumentError(absl::StrCat("found ", text::shown(written), ", expected a count of tokens"));
}

/// A day, or a moment of it.
absl::StatusOr<int64_t> day_of(const std::string& written) {
  if (const auto moment = text::parse_utc(written); moment.ok()) return text::day_of(*moment);
  return text::parse_day(written);
}

/// What libcsv tells, field by field.
class Table {
 public:
  UsageExport usage;
  absl::Status status;

  void field(std::string_view bytes) { cells_.emplace_back(absl::StripAsciiWhitespace({bytes.data(), bytes.size()})); }
  void row_ends() {
    ++row_;
    if (status.ok()) status = row_ == 1 ? read_header() : read_row();
    if (!status.ok() && row_failed_ == 0) row_failed_ = row_;
    cells_.clear();
  }
  uint64_t row_failed() const { return row_failed_; }
  bool has_header() const { return row_ > 0; }

 private:
  absl::Status read_header() {
    for (const std::string& cell : cells_) {
      const std::string name = absl::AsciiStrToLower(cell);
      const auto known = std::find_if(std::begin(kColumns), std::end(kColumns),
                                      [&](const auto& column) { return column.first == name; });
      if (known == std::end(kColumns) || has(known->second)) return wrong_columns();
      columns_.push_back(known->second);
    }
    const bool counts = has(Column::kCost) || has(Column::kInputTokens) || has(Column::kOutputTokens);
    return has(Column::kDay) && counts ? absl::OkStatus() : wrong_columns();
  }
  bool has(Column column) const { return std::find(columns_.begin(), columns_.end(), column) != columns_.end(); }
  absl::Status wrong_columns() const {
    std::vector<std::string> found;
    for (const std::string& cell : cells_) found.push_back(text::shown(cell));
    return absl::InvalidArgumentError(absl::StrCat(
        "found the columns ", absl::StrJoin(found, ", "),
        ", expected day (or date), model, cost (or usd, cost_usd), input_tokens, output_tokens, each at most once; day "
        "and one of cost or tokens at least"));
  }

  absl::Status read_row() {
    if (cells_.size() != columns_.size())
      return absl::InvalidArgumentError(
          absl::StrCat("found ", cells_.size(), " fields, expected ", columns_.size(), " as in the first row"));
    UsageExport::Line line;
    for (size_t i = 0; i < cells_.size(); ++i)
      if (absl::Status read = read_cell(columns_[i], cells_[i], line); !read.ok()) return read;
    usage.cover(line.day);
    usage.lines.push_back(std::move(line));
    return absl::OkStatus();
  }
  static absl::Status read_cell(Column column, const std::string& cell, UsageExport::Line& line) {
    if (column == Column::kModel) {
      line.model = cell;
      return absl::OkStatus();
    }
    const auto take = [](const char* name, absl::StatusOr<int64_t> value, auto& to) {
      if (value.ok()) to = *value;
      return value.ok() ? absl::OkStatus()
                        : absl::InvalidArgumentError(absl::StrCat(name, ": ", value.status().message()));
    };
    if (column == Column::kDay) return take("day", day_of(cell), line.day);
    if (column == Column::kCost)
      return take("cost", decimal_amount(cell.starts_with('$') ? cell.substr(1) : cell), line.cost_picodollars);
    return column == Column::kInputTokens ? take("input_tokens", count_of(cell), line.input_tokens)
                                          : take("output_tokens", count_of(cell), line.output_tokens);
  }

  std::vector<Column> columns_;
  std::vector<std::string> cells_;
  uint64_t row_ = 0;
  uint64_t row_failed_ = 0;
};

void on_field(void* bytes, size_t size, void* table) {
  static_cast<Table*>(table)->field({static_cast<const char*>(bytes), size});
}
void on_row(int, void* table) {
  static_cast<Table*>(table)->row_ends();
}

}  // namespace

absl::StatusOr<UsageExport> parse_usage_csv(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);  // as spreadsheets write it
  Table table;
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) return absl::InternalError("libcsv cannot begin");
  const bool whole = csv_parse(&parser, bytes.data(), bytes.size(), on_field, on_row, &table) == bytes.size() &&
                     csv_fini(&parser, on_field, on_row, &table) == 0;
  const std::string error = whole ? "" : csv_strerror(csv_error(&parser));
  csv_free(&parser);
  if (!table.status.ok())
    return absl::InvalidArgumentError(absl::StrCat("row ", table.row_failed(), ": ", table.status.message()));
  if (!whole) return absl::InvalidArgumentError(absl::StrCat("is no CSV: ", error));
  if (!table.has_header()) return absl::InvalidArgumentError("found nothing, expected a row of column names");
  return std::move(table.usage);
}

}  // namespace harvest::client
