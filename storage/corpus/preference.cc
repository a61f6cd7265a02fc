#include "storage/corpus/preference.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "storage/corpus/columns.h"

namespace harvest::corpus {
namespace {

absl::Status mistaken(std::string_view found, std::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat("prefer: found \"", std::string(found), "\", expected ", std::string(expected)));
}

}  // namespace

Preference::Preference(size_t column, bool rising)
    : row_(Row(std::vector<size_t>{column})), column_(column), rising_(rising) {}

absl::StatusOr<Preference> Preference::parse(std::string_view rule) {
  const std::string text(rule);
  const std::vector<std::string> words = absl::StrSplit(text, absl::ByAnyChar(" \t\n"), absl::SkipEmpty());
  if (words.empty()) return mistaken("", "a rule: COLUMN asc, COLUMN desc, or a filter that what is chosen passes");
  const std::string order = words.size() == 2 ? absl::AsciiStrToLower(words[1]) : std::string();
  if (order != "asc" && order != "desc") {
    auto filter = Filter::parse(text);
    if (!filter.ok()) return absl::InvalidArgumentError(absl::StrCat("prefer: ", filter.status().message()));
    return Preference(*std::move(filter));
  }
  const auto column =
      std::find_if(kColumns.begin(), kColumns.end(), [&](const Column& known) { return known.name == words[0]; });
  if (column == kColumns.end()) return mistaken(words[0], "a column of the record");
  if (column->type != ColumnType::kInteger && column->type != ColumnType::kReal)
    return mistaken(words[0], absl::StrCat("a column of numbers: it is ", type_name(column->type)));
  return Preference(static_cast<size_t>(column - kColumns.begin()), order == "asc");
}

absl::StatusOr<double> Preference::standing(std::string_view line) {
  if (filter_) {
    const auto passes = filter_->passes(line);
    if (!passes.ok()) return passes.status();
    return *passes ? 0.0 : 1.0;
  }
  const absl::Status read = row_->read(line);
  if (!read.ok()) return read;
  const Value& value = row_->at(column_);
  const double number =
      std::holds_alternative<int64_t>(value) ? static_cast<double>(std::get<int64_t>(value)) : std::get<double>(value);
  return rising_ ? number : -number;
}

}  // namespace harvest::corpus
