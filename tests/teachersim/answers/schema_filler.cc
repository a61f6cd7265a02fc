#include "tests/teachersim/answers/schema_filler.h"

#include <algorithm>
#include <string>

#include "tests/teachersim/answers/prose.h"

namespace teachersim {
namespace {

namespace json = boost::json;

constexpr int kDepthMax = 12;  // deeper than any sensible schema; ends those that refer to themselves

class Filler {
 public:
  Filler(const json::value& root, Draw& draw) : root_(root), draw_(draw) {}

  json::value fill(const json::value& schema, int depth) {
    const json::object* object = schema.if_object();
    if (object == nullptr || depth > kDepthMax) return json::value(nullptr);
    if (const json::value* constant = object->if_contains("const")) return *constant;
    if (const json::array* choices = array_at(*object, "enum"); choices != nullptr && !choices->empty()) {
      return (*choices)[draw_.below(choices->size())];
    }
    if (const json::value* reference = object->if_contains("$ref")) return fill(resolve(*reference), depth + 1);
    for (const char* alternative : {"anyOf", "oneOf", "allOf"}) {
      const json::array* members = array_at(*object, alternative);
      if (members != nullptr && !members->empty()) return fill(members->front(), depth + 1);
    }
    return fill_type(*object, type_of(*object), depth);
  }

 private:
  static const json::array* array_at(const json::object& object, std::string_view name) {
    const json::value* member = object.if_contains(name);
    return member == nullptr ? nullptr : member->if_array();
  }

  static std::string_view type_of(const json::object& schema) {
    const json::value* type = schema.if_contains("type");
    if (type != nullptr && type->is_array() && !type->get_array().empty()) type = &type->get_array().front();
    if (type != nullptr && type->is_string()) return type->get_string();
    return schema.contains("properties") ? "object" : "string";
  }

  json::value fill_type(const json::object& schema, std::string_view type, int depth) {
    if (type == "object") return fill_object(schema, depth);
    if (type == "array") return fill_array(schema, depth);
    if (type == "integer" || type == "number") return number(schema, type == "integer");
    if (type == "boolean") return draw_.below(2) == 1;
    if (type == "null") return nullptr;
    return json::value(phrase(draw_));
  }

  json::value fill_object(const json::object& schema, int depth) {
    json::object filled;
    const json::value* properties = schema.if_contains("properties");
    if (properties == nullptr || !properties->is_object()) return filled;
    for (const auto& [name, property] : properties->get_object()) filled[name] = fill(property, depth + 1);
    return filled;
  }

  json::value fill_array(const json::object& schema, int depth) {
    json::array filled;
    const json::value* items = schema.if_contains("items");
    if (items == nullptr) return filled;
    const std::int64_t least = integer_at(schema, "minItems", 1);
    const std::int64_t most = integer_at(schema, "maxItems", std::max<std::int64_t>(least, 2));
    const std::int64_t count = std::clamp<std::int64_t>(std::min(least, most), 0, 64);
    for (std::int64_t i = 0; i < count; ++i) filled.push_back(fill(*items, depth + 1));
    return filled;
  }

  json::value number(const json::object& schema, bool whole) {
    const std::int64_t least = integer_at(schema, "minimum", 0);
    const std::int64_t most = std::max(least, integer_at(schema, "maximum", least + 100));
    const auto span = static_cast<std::uint64_t>(std::min<std::int64_t>(most - least, 1'000'000));
    const std::int64_t value = least + static_cast<std::int64_t>(draw_.below(span + 1));
    if (whole) return value;
    return static_cast<double>(value);
  }

  static std::int64_t integer_at(const json::object& schema, std::string_view name, std::int64_t otherwise) {
    const json::value* member = schema.if_contains(name);
    if (member == nullptr || !member->is_number()) return otherwise;
    boost::system::error_code inexact;
    const auto value = member->to_number<std::int64_t>(inexact);
    return inexact ? otherwise : value;
  }

  json::value resolve(const json::value& reference) const {
    if (!reference.is_string() || !reference.get_string().starts_with('#')) return nullptr;
    boost::system::error_code missing;
    const json::value* found = root_.find_pointer(reference.get_string().subview(1), missing);
    return found == nullptr ? json::value(nullptr) : *found;
  }

  const json::value& root_;
  Draw& draw_;
};

}  // namespace

json::value fill_schema(const json::value& schema, Draw& draw) {
  return Filler(schema, draw).fill(schema, 0);
}

}  // namespace teachersim
