#include "storage/corpus/columns.h"

#include <span>

#include "storage/corpus/canonical_json.h"
#include "storage/corpus/digest.h"

namespace harvest::corpus {
namespace {

/// Of the list's first columns.
std::string schema_json(size_t columns) {
  std::string json = "[";
  for (const Column& column : std::span(kColumns).first(columns)) {
    JsonObject object;
    object.text("name", column.name);
    object.text("type", type_name(column.type));
    if (json.size() > 1) json += ',';
    json += object.text();
  }
  return json + ']';
}

}  // namespace

std::string type_name(ColumnType type) {
  switch (type) {
    case ColumnType::kString:
      return "string";
    case ColumnType::kInteger:
      return "int64";
    case ColumnType::kReal:
      return "float64";
    case ColumnType::kBoolean:
      return "bool";
    case ColumnType::kMessages:
      break;
  }
  std::string name = "list<struct<";
  for (std::string_view field : kMessageFields) {
    if (name.back() != '<') name += ',';
    name.append(field).append(":string");
  }
  return name + ">>";
}

const std::string& schema_sha256() {
  static const std::string hash = hex(sha256(schema_json(kColumns.size())));
  return hash;
}

std::optional<size_t> columns_of(std::string_view schema) {
  for (size_t columns = kColumns.size(); columns >= kColumnsFirst; --columns)
    if (schema == hex(sha256(schema_json(columns)))) return columns;
  return std::nullopt;
}

}  // namespace harvest::corpus
