#include "storage/corpus/columns.h"

#include "storage/corpus/canonical_json.h"
#include "storage/corpus/digest.h"

namespace harvest::corpus {
namespace {

std::string schema_json() {
  std::string json = "[";
  for (const Column& column : kColumns) {
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
  static const std::string hash = hex(sha256(schema_json()));
  return hash;
}

}  // namespace harvest::corpus
