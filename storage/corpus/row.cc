#include "storage/corpus/row.h"

#include <simdjson.h>

#include <algorithm>
#include <cassert>
#include <string>

#include "absl/strings/str_cat.h"

namespace harvest::corpus {
namespace {

namespace ondemand = simdjson::ondemand;

Value unknown(ColumnType type) {
  switch (type) {
    case ColumnType::kInteger:
      return int64_t{-1};
    case ColumnType::kReal:
      return -1.0;
    case ColumnType::kBoolean:
      return false;
    case ColumnType::kString:
    case ColumnType::kMessages:
      break;
  }
  return std::string_view();
}

template <typename T>
simdjson::error_code take(simdjson::simdjson_result<ondemand::value>& found, Value& value) {
  T typed;
  const simdjson::error_code error = found.get(typed);
  if (error == simdjson::SUCCESS) value = typed;
  return error;
}

simdjson::error_code take(ColumnType type, simdjson::simdjson_result<ondemand::value>& found, Value& value) {
  switch (type) {
    case ColumnType::kInteger:
      return take<int64_t>(found, value);
    case ColumnType::kReal:
      return take<double>(found, value);
    case ColumnType::kBoolean:
      return take<bool>(found, value);
    case ColumnType::kString:
    case ColumnType::kMessages:
      break;
  }
  return take<std::string_view>(found, value);
}

}  // namespace

struct Row::Parser {
  ondemand::parser parser;
  simdjson::padded_string line;  ///< the parser reads beyond the end of what it is given
  size_t room = 0;
  ondemand::document document;

  ondemand::object object;
  simdjson::error_code open(std::string_view text) {
    if (text.size() >= room) {
      room = 2 * text.size() + 1;
      line = simdjson::padded_string(room);
    }
    std::copy(text.begin(), text.end(), line.data());
    std::fill_n(line.data() + text.size(), simdjson::SIMDJSON_PADDING, '\0');
    const simdjson::padded_string_view view(line.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING);
    if (const auto error = parser.iterate(view).get(document)) return error;
    return document.get_object().get(object);
  }
};

Row::Row(std::vector<size_t> columns) : parser_(std::make_unique<Parser>()), columns_(std::move(columns)) {
  std::sort(columns_.begin(), columns_.end());
  columns_.erase(std::unique(columns_.begin(), columns_.end()), columns_.end());
  // Invariant: whoever chooses has looked at the types.
  assert(std::all_of(columns_.begin(), columns_.end(),
                     [](size_t column) { return kColumns[column].type != ColumnType::kMessages; }));
}

Row::Row(Row&&) noexcept = default;
Row::~Row() = default;

absl::Status Row::read(std::string_view line) {
  simdjson::error_code error = parser_->open(line);
  for (const size_t column : columns_) {
    if (error != simdjson::SUCCESS) break;
    const Column& wanted = kColumns[column];
    values_[column] = unknown(wanted.type);
    auto found = parser_->object.find_field_unordered(wanted.name);
    if (column >= kColumnsFirst && found.error() == simdjson::NO_SUCH_FIELD) continue;
    error = take(wanted.type, found, values_[column]);
    if (error != simdjson::SUCCESS)
      return absl::DataLossError(absl::StrCat("column ", std::string(wanted.name), ": ", simdjson::error_message(error),
                                              ", expected ", type_name(wanted.type)));
  }
  if (error != simdjson::SUCCESS)
    return absl::DataLossError(absl::StrCat("not a JSON object: ", simdjson::error_message(error)));
  return absl::OkStatus();
}

}  // namespace harvest::corpus
