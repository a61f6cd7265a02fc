#include "service/dialect/asked.h"

#include <simdjson.h>

#include <algorithm>
#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/dialect/ascii.h"
#include "service/dialect/field_error.h"
#include "service/dialect/json_text.h"

namespace harvest::dialect {
namespace {

namespace ondemand = simdjson::ondemand;
using json_text::Kind;

// Absent, or of another type: empty.
std::string text_at(ondemand::object& object, std::string_view key) {
  std::string_view text;
  if (object.find_field_unordered(key).get_string().get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

std::string object_json_at(ondemand::object& object, std::string_view key) {
  ondemand::object inner;
  std::string_view text;
  if (object.find_field_unordered(key).get_object().get(inner) != simdjson::SUCCESS) return {};
  if (inner.raw_json().get(text) != simdjson::SUCCESS) return {};
  return std::string(ascii::trimmed(text));
}

std::optional<bool> bool_at(ondemand::object& object, std::string_view key) {
  bool value = false;
  if (object.find_field_unordered(key).get_bool().get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

/// Calls `read` with every object of a JSON array; what is no object is an error at its place.
template <typename Read>
absl::Status each_object(std::string_view json, std::string_view field, Read read) {
  if (json.empty()) return absl::OkStatus();
  const simdjson::padded_string text(json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::array array;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS || document.get_array().get(array) != simdjson::SUCCESS)
    return expected_error(field, "an array");
  int number = 0;
  for (auto element : array) {
    const std::string place = absl::StrCat(std::string(field), "[", number++, "]");
    ondemand::object object;
    if (element.get_object().get(object) != simdjson::SUCCESS) return expected_error(place, "an object");
    if (absl::Status status = read(object, place); !status.ok()) return status;
  }
  return absl::OkStatus();
}

/// What is not understood here would be dropped in silence: it is refused by its place. `fields`: how many there are,
/// counted before any was read.
absl::Status only_keys(ondemand::object& object, size_t fields, const std::string& place,
                       std::initializer_list<std::string> known) {
  for (const std::string& key : known)
    if (object.find_field_unordered(key).error() == simdjson::SUCCESS) --fields;
  if (fields == 0) return absl::OkStatus();
  return expected_error(place, absl::StrCat("nothing but ", absl::StrJoin(known, ", "), " here"));
}

/// data:image/png;base64,iVBOR…
bool read_data_url(std::string_view url, Part& part) {
  if (!ascii::consume(url, "data:")) return false;
  const size_t comma = url.find(";base64,");
  if (comma == std::string_view::npos) return false;
  part.media_type = url.substr(0, comma);
  part.base64 = url.substr(comma + std::string_view(";base64,").size());
  return !part.media_type.empty() && !part.base64.empty();
}

absl::Status read_part(ondemand::object& object, const std::string& place, std::vector<Part>& parts) {
  size_t fields = 0, image_fields = 0;
  if (object.count_fields().get(fields) != simdjson::SUCCESS) return expected_error(place, "an object");
  const std::string type = text_at(object, "type");
  Part part;
  if (type == "text") {
    if (absl::Status status = only_keys(object, fields, place, {"type", "text"}); !status.ok()) return status;
    part.text = text_at(object, "text");
    if (!part.text.empty()) parts.push_back(std::move(part));
    return absl::OkStatus();
  }
  if (type != "image_url") return expected_error(place + ".type", "text or image_url, found " + type);
  part.kind = Part::Kind::kImage;
  if (absl::Status status = only_keys(object, fields, place, {"type", "image_url"}); !status.ok()) return status;
  ondemand::object image;
  if (object.find_field_unordered("image_url").get_object().get(image) != simdjson::SUCCESS)
    return expected_error(place + ".image_url", "an object");
  if (image.count_fields().get(image_fields) != simdjson::SUCCESS)
    return expected_error(place + ".image_url", "an object");
  if (absl::Status status = only_keys(image, image_fields, place + ".image_url", {"url", "detail"}); !status.ok())
    return status;
  part.detail = text_at(image, "detail");
  part.url = text_at(image, "url");
  if (part.url.starts_with("data:")) {
    if (!read_data_url(part.url, part)) return expected_error(place + ".image_url.url", "data:TYPE;base64,…");
    part.url.clear();
  }
  if (part.url.empty() && part.base64.empty()) return expected_error(place + ".image_url.url", "a URL");
  parts.push_back(std::move(part));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Tool>> read_tools(std::string_view tools_json) {
  std::vector<Tool> tools;
  absl::Status status = each_object(tools_json, "tools", [&](ondemand::object& object, const std::string& place) {
    if (text_at(object, "type") != "function") return expected_error(place + ".type", "function");
    ondemand::object function;
    if (object.find_field_unordered("function").get_object().get(function) != simdjson::SUCCESS)
      return expected_error(place + ".function", "an object");
    Tool& tool = tools.emplace_back();
    tool.name = text_at(function, "name");
    if (tool.name.empty()) return expected_error(place + ".function.name", "a name");
    tool.description = text_at(function, "description");
    tool.parameters_json = object_json_at(function, "parameters");
    tool.strict = bool_at(function, "strict");
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return tools;
}

absl::StatusOr<ToolChoice> read_tool_choice(std::string_view tool_choice_json) {
  constexpr std::string_view kExpected = R"(auto, none, required or {"type":"function","function":{"name":…}})";
  const std::string_view text = ascii::trimmed(tool_choice_json);
  if (text.empty()) return ToolChoice{};
  if (text == R"("auto")") return ToolChoice{ToolChoice::Mode::kAuto, {}};
  if (text == R"("none")") return ToolChoice{ToolChoice::Mode::kNone, {}};
  if (text == R"("required")") return ToolChoice{ToolChoice::Mode::kRequired, {}};
  const simdjson::padded_string padded(text);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object object, function;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS ||
      object.find_field_unordered("function").get_object().get(function) != simdjson::SUCCESS)
    return expected_error("tool_choice", kExpected);
  ToolChoice choice{ToolChoice::Mode::kNamed, text_at(function, "name")};
  if (choice.name.empty()) return expected_error("tool_choice", kExpected);
  return choice;
}

absl::StatusOr<std::vector<ToolCall>> read_tool_calls(std::string_view tool_calls_json) {
  std::vector<ToolCall> calls;
  absl::Status status =
      each_object(tool_calls_json, "tool_calls", [&](ondemand::object& object, const std::string& place) {
        ToolCall& call = calls.emplace_back();
        call.id = text_at(object, "id");
        ondemand::object function;
        if (object.find_field_unordered("function").get_object().get(function) != simdjson::SUCCESS)
          return expected_error(place + ".function", "an object");
        call.name = text_at(function, "name");
        if (call.name.empty()) return expected_error(place + ".function.name", "a name");
        call.arguments_json = text_at(function, "arguments");
        if (ascii::trimmed(call.arguments_json).empty()) call.arguments_json = "{}";
        if (json_text::kind_of(call.arguments_json) != Kind::kObject)
          return expected_error(place + ".function.arguments", "a JSON object as text");
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return calls;
}

absl::StatusOr<std::vector<Part>> read_parts(const v1::Message& message) {
  std::vector<Part> parts;
  if (!message.content().empty()) {
    parts.emplace_back().text = message.content();
    return parts;
  }
  absl::Status status =
      each_object(message.parts_json(), "parts",
                  [&](ondemand::object& object, const std::string& place) { return read_part(object, place, parts); });
  if (!status.ok()) return status;
  return parts;
}

absl::StatusOr<ResponseFormat> read_response_format(std::string_view response_format_json) {
  ResponseFormat format;
  format.type = "text";
  if (response_format_json.empty()) return format;
  const simdjson::padded_string padded(response_format_json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object object, inner;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS)
    return expected_error("response_format", "an object");
  format.type = text_at(object, "type");
  if (format.type.empty()) return expected_error("response_format.type", "text, json_object or json_schema");
  if (format.type == "text") return format;
  format.kind = format.type == "json_object" ? ResponseFormat::Kind::kJsonObject : ResponseFormat::Kind::kOther;
  if (format.type != "json_schema") return format;
  format.kind = ResponseFormat::Kind::kJsonSchema;
  if (object.find_field_unordered("json_schema").get_object().get(inner) != simdjson::SUCCESS)
    return expected_error("response_format.json_schema", "an object");
  format.name = text_at(inner, "name");
  format.description = text_at(inner, "description");
  format.schema_json = object_json_at(inner, "schema");
  format.strict = bool_at(inner, "strict");
  if (format.schema_json.empty()) return expected_error("response_format.json_schema.schema", "a JSON schema");
  return format;
}

std::string system_text(const v1::Prompt& prompt) {
  std::string text;
  for (const v1::Message& message : prompt.messages()) {
    if (!is_system(message)) break;
    const auto parts = read_parts(message);
    if (!parts.ok()) continue;  // Invariant: check_query() has refused such a prompt.
    for (const Part& part : *parts) text.append(text.empty() ? "" : "\n\n").append(part.text);
  }
  return text;
}

}  // namespace harvest::dialect
