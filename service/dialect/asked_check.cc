#include "service/dialect/asked_check.h"

#include <simdjson.h>

#include "absl/strings/str_cat.h"
#include "service/dialect/field_error.h"
#include "service/dialect/json_body.h"
#include "service/dialect/json_schema.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

absl::Status check_tool(const dom::element& element, const std::string& place, bool verbatim) {
  dom::object tool, function;
  if (element.get(tool) != simdjson::SUCCESS) return expected_error(place, "an object");
  const std::string_view type = string_at(tool, "type");
  if (verbatim && !type.empty() && type != "function") return absl::OkStatus();
  if (type != "function") return expected_error(place + ".type", "function");
  if (!object_at(tool, "function", function)) return expected_error(place + ".function", "an object");
  if (string_at(function, "name").empty()) return expected_error(place + ".function.name", "a name");
  dom::element parameters;
  if (function.at_key("parameters").get(parameters) != simdjson::SUCCESS || parameters.is_null())
    return absl::OkStatus();
  return check_json_schema(place + ".function.parameters", simdjson::minify(parameters));
}

}  // namespace

absl::Status check_tools_asked(std::string_view tools_json, bool verbatim) {
  if (tools_json.empty()) return absl::OkStatus();
  dom::parser parser;
  dom::array tools;
  if (parser.parse(tools_json.data(), tools_json.size()).get(tools) != simdjson::SUCCESS)
    return expected_error("tools", "an array of tools");
  int number = 0;
  for (const dom::element tool : tools)
    if (absl::Status status = check_tool(tool, absl::StrCat("tools[", number++, "]"), verbatim); !status.ok())
      return status;
  return absl::OkStatus();
}

absl::Status check_schema_asked(const ResponseFormat& format) {
  if (format.kind != ResponseFormat::Kind::kJsonSchema) return absl::OkStatus();
  return check_json_schema("response_format.json_schema.schema", format.schema_json);
}

}  // namespace harvest::dialect
