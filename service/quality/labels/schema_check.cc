#include "service/quality/labels/schema_check.h"

// Else the library ends the process where it meets what is beyond it. As in service/dialect/json_schema.cc: one program
// has one way.
#define VALIJSON_USE_EXCEPTIONS 1

#include <boost/json.hpp>
#include <optional>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "service/quality/labels/usable_schema.h"

namespace harvest::quality {
namespace {

namespace json = boost::json;
using valijson::adapters::BoostJsonAdapter;

constexpr size_t kTextBytesMax = 1 << 20;
constexpr size_t kSchemaBytesMax = 256 << 10;
/// Looks times bytes: a second at the very most, some microseconds as a rule.
constexpr size_t kWorkMax = 50'000'000;
constexpr size_t kSchemasMax = 256;
constexpr size_t kKeptBytesMax = 64 << 10;

const json::value* member(const json::value& value, std::string_view key) {
  const json::object* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains(json::string_view(key.data(), key.size()));
}

std::string_view text_of(const json::value* value) {
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

}  // namespace

struct SchemaCheck::Schema {
  bool usable = false;
  json::value document;  // the compiled one looks into it
  size_t looks = 0;
  valijson::Schema compiled;
};

SchemaCheck::SchemaCheck() = default;
SchemaCheck::~SchemaCheck() = default;

std::shared_ptr<const SchemaCheck::Schema> SchemaCheck::schema_of(const std::string& text) const {
  {
    std::lock_guard lock(mutex_);
    if (const auto known = schemas_.find(text); known != schemas_.end()) return known->second;
  }
  auto schema = std::make_shared<Schema>();
  if (auto usable = text.size() > kSchemaBytesMax ? std::nullopt : usable_schema(text)) {
    schema->document = std::move(usable->document);
    schema->looks = usable->looks;
    // The library says by throwing that a schema is beyond it: a reference to elsewhere, say.
    try {
      valijson::SchemaParser(valijson::SchemaParser::kDraft7)
          .populateSchema(BoostJsonAdapter(schema->document), schema->compiled);
      schema->usable = true;
    } catch (const std::exception&) {
      schema->usable = false;
    }
  }
  if (text.size() > kKeptBytesMax) return schema;
  std::lock_guard lock(mutex_);
  if (schemas_.size() >= kSchemasMax) schemas_.clear();
  schemas_[text] = schema;
  return schema;
}

SchemaCheck::Verdict SchemaCheck::check_text(std::string_view text, const std::string& schema_text) const {
  if (text.size() > kTextBytesMax) return Verdict::kUnchecked;
  const auto value = read_json(text);
  if (!value) return Verdict::kInvalid;
  const std::shared_ptr<const Schema> schema = schema_of(schema_text);
  if (!schema->usable || schema->looks * text.size() > kWorkMax) return Verdict::kUnchecked;
  try {
    valijson::Validator validator;
    return validator.validate(schema->compiled, BoostJsonAdapter(*value), nullptr) ? Verdict::kValid
                                                                                   : Verdict::kInvalid;
  } catch (const std::exception&) {  // likewise
    return Verdict::kUnchecked;
  }
}

SchemaCheck::Verdict SchemaCheck::check_output(const Judged& judged) const {
  if (judged.response_format_json.empty() || !judged.message.tool_calls_json().empty()) return Verdict::kUnchecked;
  const auto format = read_json(judged.response_format_json);
  if (!format) return Verdict::kUnchecked;
  const std::string_view type = text_of(member(*format, "type"));
  if (type == "json_object") return check_text(judged.message.content(), R"({"type":"object"})");
  if (type != "json_schema") return Verdict::kUnchecked;
  const json::value* named = member(*format, "json_schema");
  const json::value* schema = named == nullptr ? member(*format, "schema") : member(*named, "schema");
  if (schema == nullptr) return Verdict::kUnchecked;
  return check_text(judged.message.content(), json::serialize(*schema));
}

SchemaCheck::Verdict SchemaCheck::check_calls(const Judged& judged) const {
  if (judged.message.tool_calls_json().empty()) return Verdict::kUnchecked;
  const auto calls = read_json(judged.message.tool_calls_json());
  const auto tools = read_json(judged.prompt.tools_json());
  if (!calls || !calls->is_array() || calls->get_array().empty()) return Verdict::kUnchecked;
  Verdict all = Verdict::kUnchecked;
  for (const json::value& call : calls->get_array()) {
    const json::value* function = member(call, "function");
    if (function == nullptr) return Verdict::kInvalid;
    const json::value* parameters = nullptr;
    bool offered = false;
    if (tools && tools->is_array())
      for (const json::value& tool : tools->get_array()) {
        const json::value* offer = member(tool, "function");
        if (offer == nullptr || text_of(member(*offer, "name")) != text_of(member(*function, "name"))) continue;
        offered = true;
        parameters = member(*offer, "parameters");
      }
    if (!offered) return Verdict::kInvalid;
    const std::string schema = parameters == nullptr ? R"({"type":"object"})" : json::serialize(*parameters);
    const Verdict one = check_text(text_of(member(*function, "arguments")), schema);
    if (one == Verdict::kInvalid) return one;
    if (one == Verdict::kValid) all = one;
  }
  return all;
}

SchemaCheck::Verdict SchemaCheck::check(const Judged& judged) const {
  if (judged.refused) return Verdict::kUnchecked;
  const Verdict calls = check_calls(judged);
  return calls == Verdict::kUnchecked ? check_output(judged) : calls;
}

}  // namespace harvest::quality
