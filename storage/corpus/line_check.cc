#include "storage/corpus/line_check.h"

#include <simdjson.h>

#include <algorithm>
#include <span>

#include "storage/corpus/columns.h"

namespace harvest::corpus {
namespace {

namespace dom = simdjson::dom;

std::string kind_of(const dom::element& value) {
  switch (value.type()) {
    case dom::element_type::ARRAY:
      return "a list";
    case dom::element_type::OBJECT:
      return "an object";
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
      return "a whole number";
    case dom::element_type::DOUBLE:
      return "a real number";
    case dom::element_type::STRING:
      return "a text";
    case dom::element_type::BOOL:
      return "true or false";
    case dom::element_type::NULL_VALUE:
      return "null";
  }
  return "nothing";
}

/// "" where the value is a non-empty list of objects with exactly the six texts.
std::string messages_mistake(const dom::element& value) {
  dom::array list;
  if (value.get(list) != simdjson::SUCCESS) return "found " + kind_of(value);
  size_t at = 0;
  for (const dom::element& item : list) {
    const std::string where = "message " + std::to_string(at++);
    dom::object message;
    if (item.get(message) != simdjson::SUCCESS) return where + " is " + kind_of(item);
    for (std::string_view field : kMessageFields) {
      dom::element text;
      if (message.at_key(field).get(text) != simdjson::SUCCESS) return where + " has no " + std::string(field);
      if (!text.is_string()) return where + ": " + std::string(field) + " is " + kind_of(text);
    }
    if (message.size() != kMessageFields.size()) return where + " has fields that are none";
  }
  return at == 0 ? "found an empty list" : "";
}

std::string mistake_in(const Column& column, const dom::element& value) {
  bool good = false;
  switch (column.type) {
    case ColumnType::kString:
      good = value.is_string();
      break;
    case ColumnType::kInteger:
      good = value.is_int64();
      break;
    case ColumnType::kReal:
      good = value.type() == dom::element_type::DOUBLE;  // is_double() takes whole numbers too
      break;
    case ColumnType::kBoolean:
      good = value.is_bool();
      break;
    case ColumnType::kMessages: {
      const std::string mistake = messages_mistake(value);
      if (mistake.empty()) return {};
      return "column messages: " + mistake + ", expected " + type_name(column.type);
    }
  }
  if (good) return {};
  return "column " + std::string(column.name) + ": found " + kind_of(value) + ", expected " + type_name(column.type);
}

std::string text_of(const dom::object& line, std::string_view column) {
  std::string_view text;
  return line.at_key(column).get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

}  // namespace

struct LineCheck::Parser {
  dom::parser parser;
};

LineCheck::LineCheck() : parser_(std::make_unique<Parser>()) {}
LineCheck::~LineCheck() = default;

std::vector<std::string> LineCheck::check(std::string_view line) {
  record_id_.clear(), teacher_id_.clear(), licence_id_.clear(), prompt_source_id_.clear();
  sequence_ = 0;
  columns_ = 0;
  dom::object object;
  if (const auto error = parser_->parser.parse(line.data(), line.size()).get(object))
    return {std::string("not a JSON object: ") + simdjson::error_message(error)};
  std::vector<std::string> mistakes;
  // Our own lines have the columns in order: then the walk finds each where it stands. Others are looked up.
  auto at = object.begin();
  columns_ = std::clamp(object.size(), kColumnsFirst, kColumns.size());
  for (const Column& column : std::span(kColumns).first(columns_)) {
    dom::element value;
    if (at != object.end() && at.key() == column.name) {
      value = at.value();
      ++at;
    } else if (object.at_key(column.name).get(value) != simdjson::SUCCESS) {
      mistakes.push_back("column " + std::string(column.name) + " is missing");
      continue;
    }
    std::string mistake = mistake_in(column, value);
    if (!mistake.empty()) mistakes.push_back(std::move(mistake));
  }
  if (object.size() > columns_) mistakes.push_back("more columns than the schema has");
  record_id_ = text_of(object, "record_id");
  teacher_id_ = text_of(object, "teacher_id");
  licence_id_ = text_of(object, "licence_id");
  prompt_source_id_ = text_of(object, "prompt_source_id");
  if (object.at_key("sequence").get(sequence_) != simdjson::SUCCESS) sequence_ = 0;
  return mistakes;
}

}  // namespace harvest::corpus
