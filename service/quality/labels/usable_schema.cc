#include "service/quality/labels/usable_schema.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"

namespace harvest::quality {
namespace {

namespace json = boost::json;

constexpr size_t kDepthMax = 100;
constexpr size_t kLooksMax = 4096;
constexpr int kLevelsMax = 64;
constexpr int kSameReferenceMax = 4;

/// Words whose value is copied as it stands. The library refuses what is none of theirs.
constexpr std::array kFigures{
    "type",      "enum",     "const",    "required",      "minimum",       "maximum",          "minLength",
    "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "exclusiveMinimum", "exclusiveMaximum"};
/// Words that hold a schema, or a list of them, for the same value.
constexpr std::array kOfTheValue{"allOf", "anyOf", "oneOf", "not", "if", "then", "else"};
/// The same, for what the value holds.
constexpr std::array kOfItsParts{"items", "additionalItems", "contains", "propertyNames"};

bool is_plain_step(json::string_view step) {
  return !step.empty() && std::all_of(step.begin(), step.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.' || c == '$';
  });
}

/// What a reference leads to, within the document: by plain steps only, as pointers may be read in several ways.
const json::value* target_of(json::string_view reference, const json::value& document) {
  if (reference == "#") return &document;
  if (!reference.starts_with("#/")) return nullptr;
  const json::value* at = &document;
  for (json::string_view rest = reference.substr(2);;) {
    const size_t slash = rest.find('/');
    const json::string_view step = rest.substr(0, slash);
    const json::object* object = at->if_object();
    if (object == nullptr || !is_plain_step(step)) return nullptr;
    at = object->if_contains(step);
    if (at == nullptr || slash == json::string_view::npos) return at;
    rest = rest.substr(slash + 1);
  }
}

/// Copies a schema place by place.
class Copier {
 public:
  explicit Copier(const json::value& document) : document_(document) {}

  bool copy(const json::value& from, json::value& to, int level) {
    if (++looks_ > kLooksMax || level > kLevelsMax) return false;
    if (from.is_bool()) {
      to = from;
      return true;
    }
    const json::object* object = from.if_object();
    if (object == nullptr) return false;
    json::object& made = to.emplace_object();
    if (const json::value* reference = object->if_contains("$ref"))  // what stands beside it does not count (draft 7)
      return reference->is_string() && follow(reference->get_string(), to, level);
    for (const char* word : kFigures)
      if (const json::value* figure = object->if_contains(word)) {
        if (const json::array* listed = figure->if_array()) looks_ += listed->size();
        made[word] = *figure;
      }
    if (const json::value* step = object->if_contains("multipleOf"); step != nullptr && is_above_zero(*step))
      made["multipleOf"] = *step;
    for (const char* word : kOfTheValue)
      if (const json::value* held = object->if_contains(word); held && !copy_all(*held, made[word], level))
        return false;
    // One level down is another value: a reference may be met again there.
    std::vector<const json::value*> outer;
    outer.swap(at_this_value_);
    const bool copied = copy_parts(*object, made, level);
    outer.swap(at_this_value_);
    return copied;
  }

  size_t looks() const { return looks_; }

 private:
  static bool is_above_zero(const json::value& number) {
    json::error_code error;
    const double value = number.is_number() ? number.to_number<double>(error) : 0;
    return !error && value > 0;
  }

  bool follow(json::string_view reference, json::value& to, int level) {
    const json::value* target = target_of(reference, document_);
    if (target == nullptr || std::count(at_this_value_.begin(), at_this_value_.end(), target) > 0) return false;
    if (std::count(path_.begin(), path_.end(), target) >= kSameReferenceMax) return true;  // all is admitted below
    at_this_value_.push_back(target);
    path_.push_back(target);
    const bool copied = copy(*target, to, level + 1);
    path_.pop_back();
    at_this_value_.pop_back();
    return copied;
  }

  /// A schema, or a list of them.
  bool copy_all(const json::value& from, json::value& to, int level) {
    const json::array* list = from.if_array();
    if (list == nullptr) return copy(from, to, level + 1);
    json::array& made = to.emplace_array();
    return std::all_of(list->begin(), list->end(),
                       [&](const json::value& one) { return copy(one, made.emplace_back(nullptr), level + 1); });
  }

  bool copy_parts(const json::object& object, json::object& made, int level) {
    for (const char* word : kOfItsParts)
      if (const json::value* held = object.if_contains(word); held && !copy_all(*held, made[word], level)) return false;
    if (const json::value* properties = object.if_contains("properties")) {
      if (!properties->is_object()) return false;
      json::object& named = made["properties"].emplace_object();
      for (const auto& [name, schema] : properties->get_object())
        if (!copy(schema, named[name], level + 1)) return false;
    }
    const json::value* others = object.if_contains("additionalProperties");
    // With the patterns of names goes the word on all other names.
    if (others == nullptr || object.contains("patternProperties")) return true;
    return copy(*others, made["additionalProperties"], level + 1);
  }

  const json::value& document_;
  size_t looks_ = 0;
  std::vector<const json::value*> at_this_value_;  ///< references on the way to it that look at the same value
  std::vector<const json::value*> path_;           ///< references on the way to it
};

}  // namespace

std::optional<json::value> read_json(std::string_view text) {
  json::error_code error;
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  if (error) return std::nullopt;
  return value;
}

std::optional<UsableSchema> usable_schema(std::string_view text) {
  const std::optional<json::value> document = read_json(text);
  if (!document) return std::nullopt;
  UsableSchema usable;
  Copier copier(*document);
  if (!copier.copy(*document, usable.document, 0)) return std::nullopt;
  usable.looks = copier.looks();
  return usable;
}

}  // namespace harvest::quality
